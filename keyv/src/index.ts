export { ChainStore, type ChainStoreOptions, type StoredEntry } from './chain-store.ts';
