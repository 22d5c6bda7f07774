import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/**
 * Properties of a message_t.
 * @deprecated Use message_t.$Properties instead.
 */
export interface Imessage_t extends message_t.$Properties {
}

/** Represents a message_t. */
export class message_t {

    /**
     * Constructs a new message_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: message_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** message_t opcode. */
    opcode: message_t.Opcode;

    /** message_t c_type. */
    c_type: message_t.C_type;

    /** message_t key. */
    key: string;

    /** message_t data. */
    data: Uint8Array;

    /** message_t result. */
    result: number;

    /** message_t keys. */
    keys: string[];

    /** message_t epoch. */
    epoch: number;

    /** message_t client. */
    client: string;

    /** message_t request. */
    request: number;

    /** message_t first_incomplete. */
    first_incomplete: number;

    /** message_t ack. */
    ack: message_t.Ack;

    /** message_t error. */
    error: message_t.ErrorCode;

    /** message_t detail. */
    detail: string;

    /** message_t found. */
    found: boolean;

    /** message_t sequence. */
    sequence: number;

    /** message_t from. */
    from: number;

    /** message_t limit. */
    limit: number;

    /** message_t next. */
    next: number;

    /** message_t server. */
    server: string;

    /** message_t expected. */
    expected: Uint8Array;

    /** message_t outcome. */
    outcome: message_t.Outcome;

    /**
     * Encodes the specified message_t message. Does not implicitly {@link message_t.verify|verify} messages.
     * @param message message_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: message_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a message_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {message_t & message_t.$Shape} message_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): message_t & message_t.$Shape;
}

export namespace message_t {

    /** Properties of a message_t. */
    interface $Properties {

        /** message_t opcode */
        opcode?: (message_t.Opcode|null);

        /** message_t c_type */
        c_type?: (message_t.C_type|null);

        /** message_t key */
        key?: (string|null);

        /** message_t data */
        data?: (Uint8Array|null);

        /** message_t result */
        result?: (number|null);

        /** message_t keys */
        keys?: (string[]|null);

        /** message_t epoch */
        epoch?: (number|null);

        /** message_t client */
        client?: (string|null);

        /** message_t request */
        request?: (number|null);

        /** message_t first_incomplete */
        first_incomplete?: (number|null);

        /** message_t ack */
        ack?: (message_t.Ack|null);

        /** message_t error */
        error?: (message_t.ErrorCode|null);

        /** message_t detail */
        detail?: (string|null);

        /** message_t found */
        found?: (boolean|null);

        /** message_t sequence */
        sequence?: (number|null);

        /** message_t from */
        from?: (number|null);

        /** message_t limit */
        limit?: (number|null);

        /** message_t next */
        next?: (number|null);

        /** message_t server */
        server?: (string|null);

        /** message_t expected */
        expected?: (Uint8Array|null);

        /** message_t outcome */
        outcome?: (message_t.Outcome|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a message_t. */
    type $Shape = message_t.$Properties;

    /** Opcode enum. */
    enum Opcode {

        /** OP_BAD value */
        OP_BAD = 0,

        /** OP_SIZE value */
        OP_SIZE = 10,

        /** OP_DEL value */
        OP_DEL = 20,

        /** OP_GET value */
        OP_GET = 30,

        /** OP_PUT value */
        OP_PUT = 40,

        /** OP_GETKEYS value */
        OP_GETKEYS = 50,

        /** OP_VERIFY value */
        OP_VERIFY = 60,

        /** OP_OPEN value */
        OP_OPEN = 70,

        /** OP_SCAN value */
        OP_SCAN = 80,

        /** OP_STATUS value */
        OP_STATUS = 84,

        /** OP_DUMP value */
        OP_DUMP = 86,

        /** OP_HAS value */
        OP_HAS = 90,

        /** OP_PUTIFABSENT value */
        OP_PUTIFABSENT = 92,

        /** OP_PUTIFEQUALS value */
        OP_PUTIFEQUALS = 94,

        /** OP_ERROR value */
        OP_ERROR = 99
    }

    /** C_type enum. */
    enum C_type {

        /** CT_BAD value */
        CT_BAD = 0,

        /** CT_KEY value */
        CT_KEY = 10,

        /** CT_VALUE value */
        CT_VALUE = 20,

        /** CT_ENTRY value */
        CT_ENTRY = 30,

        /** CT_KEYS value */
        CT_KEYS = 40,

        /** CT_RESULT value */
        CT_RESULT = 50,

        /** CT_NONE value */
        CT_NONE = 60
    }

    /** Outcome enum. */
    enum Outcome {

        /** UNKNOWN value */
        UNKNOWN = 0,

        /** APPLIED value */
        APPLIED = 1,

        /** NOT_APPLIED value */
        NOT_APPLIED = 2
    }

    /** Ack enum. */
    enum Ack {

        /** ASSIGNED value */
        ASSIGNED = 0,

        /** COMMITTED value */
        COMMITTED = 1
    }

    /** ErrorCode enum. */
    enum ErrorCode {

        /** NONE value */
        NONE = 0,

        /** BAD_REQUEST value */
        BAD_REQUEST = 1,

        /** TOO_LARGE value */
        TOO_LARGE = 2,

        /** NOT_HEAD value */
        NOT_HEAD = 3,

        /** NOT_TAIL value */
        NOT_TAIL = 4,

        /** NOT_READY value */
        NOT_READY = 5,

        /** BUSY value */
        BUSY = 6,

        /** SHUTTING_DOWN value */
        SHUTTING_DOWN = 7,

        /** LOST value */
        LOST = 8,

        /** INTERNAL value */
        INTERNAL = 9,

        /** KEY_ABSENT value */
        KEY_ABSENT = 10,

        /** UNCERTAIN value */
        UNCERTAIN = 11,

        /** FULL value */
        FULL = 12,

        /** DISK_FULL value */
        DISK_FULL = 13
    }
}
