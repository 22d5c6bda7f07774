/** Where everything is drawn, in pixels: a row from head to tail, or on a narrow screen a column. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** By machine. */
  readonly boxes: ReadonlyMap<string, Box>;
}

export const zooKeeperHost = 'zk';

/** A chain with less room for each of its servers is a column. */
const serverShareMin = 205;
const serverHeight = 130;
const serverWidest = 190;
const clientHeight = 28;
const zooKeeperHeight = 64;
const sessionWidth = 112;
const sessionHeight = 26;
const sessionsAsidePx = 8;
/** Between servers in a row: messages and their names are drawn there. */
const serverGap = 72;
/** In a column. */
const columnGap = 40;
const chainTop = 104;

export interface Crowd {
  readonly clients: readonly string[];
  /** So that the drawing stays as it is while servers come and go. */
  readonly serversMax: number;
  /** The most sessions that ZooKeeper's box has to hold; default: none. */
  readonly sessionsMax?: number;
}

export function layOut(width: number, servers: readonly string[], crowd: Crowd): Layout {
  return withSessions(layOutChain(width, servers, crowd), crowd.sessionsMax ?? 0);
}

/** ZooKeeper's box grows for its sessions, and all else moves down. */
function withSessions(layout: Layout, sessionsMax: number): Layout {
  const { width, height, boxes } = layout;
  const own = boxes.get(zooKeeperHost);
  if (own === undefined || sessionsMax === 0) return layout;
  const most = Math.floor((width - 2 * sessionsAsidePx) / sessionWidth);
  const wide = Math.max(own.width, Math.min(most, sessionsMax) * sessionWidth + sessionsAsidePx);
  const more = Math.ceil(sessionsMax / sessionsInRow(wide)) * sessionHeight;
  const moved = [...boxes].map(([host, box]): [string, Box] => [host, { ...box, y: box.y + more }]);
  const grown = { ...own, x: (width - wide) / 2, width: wide, height: own.height + more };
  return { width, height: height + more, boxes: new Map([...moved, [zooKeeperHost, grown]]) };
}

/** Where ZooKeeper's sessions are drawn in its box. */
export function sessionBoxes({ x, y, width }: Box, count: number): Box[] {
  const inRow = sessionsInRow(width);
  const left = x + (width - Math.min(inRow, count) * sessionWidth) / 2;
  return Array.from({ length: count }, (_, index) => ({
    x: left + (index % inRow) * sessionWidth,
    y: y + zooKeeperHeight + Math.floor(index / inRow) * sessionHeight,
    width: sessionWidth,
    height: sessionHeight,
  }));
}

function sessionsInRow(width: number): number {
  return Math.max(1, Math.floor((width - sessionsAsidePx) / sessionWidth));
}

function layOutChain(width: number, servers: readonly string[], { clients, serversMax }: Crowd): Layout {
  const inRow = Math.floor(width / serverShareMin);
  if (inRow >= Math.max(3, serversMax)) return row(width, servers, clients);
  if (inRow >= 3 && clients.length === 0) return rows(width, servers, inRow);
  return column(width, servers, clients, serversMax);
}

/** The second row goes back from right to left, and so on, so that each server is beside its successor. */
function rows(width: number, servers: readonly string[], inRow: number): Layout {
  const boxes = new Map<string, Box>();
  boxes.set(zooKeeperHost, { x: width / 2 - 130, y: 6, width: 260, height: zooKeeperHeight });
  const share = width / inRow;
  const boxWidth = Math.min(serverWidest, share - columnGap);
  const rowHeight = serverHeight + columnGap;
  for (const [index, name] of servers.entries()) {
    const [line, place] = [Math.floor(index / inRow), index % inRow];
    const column = line % 2 === 0 ? place : inRow - 1 - place;
    const x = share * (column + 0.5) - boxWidth / 2;
    boxes.set(name, { x, y: chainTop + line * rowHeight, width: boxWidth, height: serverHeight });
  }
  return { width, height: chainTop + Math.ceil(servers.length / inRow) * rowHeight, boxes };
}

function row(width: number, servers: readonly string[], clients: readonly string[]): Layout {
  const boxes = new Map<string, Box>();
  boxes.set(zooKeeperHost, { x: width / 2 - 130, y: 6, width: 260, height: zooKeeperHeight });
  const y = clients.length === 0 ? chainTop : 150;
  spread(boxes, servers, { width, y, height: serverHeight, widest: serverWidest, gap: serverGap });
  spread(boxes, clients, { width, y: 356, height: clientHeight, widest: 90, gap: 16 });
  return { width, height: clients.length === 0 ? chainTop + serverHeight + 12 : 392, boxes };
}

interface RowOptions {
  readonly width: number;
  readonly y: number;
  readonly height: number;
  readonly widest: number;
  /** The least space between two boxes. */
  readonly gap: number;
}

function spread(
  boxes: Map<string, Box>,
  names: readonly string[],
  { width, y, height, widest, gap }: RowOptions,
): void {
  const share = width / Math.max(1, names.length);
  const boxWidth = Math.min(widest, share - gap);
  for (const [index, name] of names.entries()) {
    boxes.set(name, { x: share * (index + 0.5) - boxWidth / 2, y, width: boxWidth, height });
  }
}

function column(
  width: number,
  servers: readonly string[],
  clients: readonly string[],
  serversMax: number,
): Layout {
  const boxes = new Map<string, Box>();
  const clientWidth = 74;
  const serverWidth = Math.min(width - (clients.length === 0 ? 8 : clientWidth + 50), serverWidest);
  boxes.set(zooKeeperHost, { x: 4, y: 6, width: width - 8, height: zooKeeperHeight });
  for (const [index, name] of servers.entries()) {
    boxes.set(name, {
      x: 4,
      y: chainTop + index * (serverHeight + columnGap),
      width: serverWidth,
      height: serverHeight,
    });
  }
  const height =
    chainTop +
    Math.max(serversMax * (serverHeight + columnGap), clients.length * (clientHeight + 8) + columnGap);
  const share = (height - chainTop) / Math.max(1, clients.length);
  for (const [index, name] of clients.entries()) {
    const y = chainTop + share * (index + 0.5) - clientHeight / 2 - columnGap / 2;
    boxes.set(name, { x: width - clientWidth - 4, y, width: clientWidth, height: clientHeight });
  }
  return { width, height, boxes };
}
