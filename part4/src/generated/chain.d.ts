import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/**
 * Properties of a chain_message_t.
 * @deprecated Use chain_message_t.$Properties instead.
 */
export interface Ichain_message_t extends chain_message_t.$Properties {
}

/** Represents a chain_message_t. */
export class chain_message_t {

    /**
     * Constructs a new chain_message_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: chain_message_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** chain_message_t hello. */
    hello?: (hello_t.$Properties|null);

    /** chain_message_t welcome. */
    welcome?: (welcome_t.$Properties|null);

    /** chain_message_t reject. */
    reject?: (reject_t.$Properties|null);

    /** chain_message_t refuse. */
    refuse?: (refuse_t.$Properties|null);

    /** chain_message_t handover. */
    handover?: (handover_t.$Properties|null);

    /** chain_message_t updates. */
    updates?: (updates_t.$Properties|null);

    /** chain_message_t ack. */
    ack?: (ack_t.$Properties|null);

    /** chain_message_t kind. */
    kind?: ("hello"|"welcome"|"reject"|"refuse"|"handover"|"updates"|"ack");

    /**
     * Encodes the specified chain_message_t message. Does not implicitly {@link chain_message_t.verify|verify} messages.
     * @param message chain_message_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: chain_message_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified chain_message_t message, length delimited. Does not implicitly {@link chain_message_t.verify|verify} messages.
     * @param message chain_message_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: chain_message_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a chain_message_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {chain_message_t & chain_message_t.$Shape} chain_message_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): chain_message_t & chain_message_t.$Shape;

    /**
     * Decodes a chain_message_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {chain_message_t & chain_message_t.$Shape} chain_message_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): chain_message_t & chain_message_t.$Shape;
}

export namespace chain_message_t {

    /** Properties of a chain_message_t. */
    interface $Properties {

        /** chain_message_t hello */
        hello?: (hello_t.$Properties|null);

        /** chain_message_t welcome */
        welcome?: (welcome_t.$Properties|null);

        /** chain_message_t reject */
        reject?: (reject_t.$Properties|null);

        /** chain_message_t refuse */
        refuse?: (refuse_t.$Properties|null);

        /** chain_message_t handover */
        handover?: (handover_t.$Properties|null);

        /** chain_message_t updates */
        updates?: (updates_t.$Properties|null);

        /** chain_message_t ack */
        ack?: (ack_t.$Properties|null);

        /** chain_message_t kind */
        kind?: ("hello"|"welcome"|"reject"|"refuse"|"handover"|"updates"|"ack");

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Narrowed shape of a chain_message_t. */
    type $Shape = {
      hello?: hello_t.$Shape|null;
      welcome?: welcome_t.$Shape|null;
      reject?: reject_t.$Shape|null;
      refuse?: refuse_t.$Shape|null;
      handover?: handover_t.$Shape|null;
      updates?: updates_t.$Shape|null;
      ack?: ack_t.$Shape|null;
      $unknowns?: Uint8Array[];
    } & (
      ({ kind?: undefined; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null }|{ kind?: "hello"; hello: hello_t.$Shape; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null }|{ kind?: "welcome"; hello?: null; welcome: welcome_t.$Shape; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null }|{ kind?: "reject"; hello?: null; welcome?: null; reject: reject_t.$Shape; refuse?: null; handover?: null; updates?: null; ack?: null }|{ kind?: "refuse"; hello?: null; welcome?: null; reject?: null; refuse: refuse_t.$Shape; handover?: null; updates?: null; ack?: null }|{ kind?: "handover"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover: handover_t.$Shape; updates?: null; ack?: null }|{ kind?: "updates"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates: updates_t.$Shape; ack?: null }|{ kind?: "ack"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack: ack_t.$Shape })
    );
}

/**
 * Properties of a hello_t.
 * @deprecated Use hello_t.$Properties instead.
 */
export interface Ihello_t extends hello_t.$Properties {
}

/** Represents a hello_t. */
export class hello_t {

    /**
     * Constructs a new hello_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: hello_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** hello_t id. */
    id: number;

    /** hello_t view_version. */
    view_version: number;

    /**
     * Encodes the specified hello_t message. Does not implicitly {@link hello_t.verify|verify} messages.
     * @param message hello_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: hello_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified hello_t message, length delimited. Does not implicitly {@link hello_t.verify|verify} messages.
     * @param message hello_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: hello_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a hello_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {hello_t & hello_t.$Shape} hello_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): hello_t & hello_t.$Shape;

    /**
     * Decodes a hello_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {hello_t & hello_t.$Shape} hello_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): hello_t & hello_t.$Shape;
}

export namespace hello_t {

    /** Properties of a hello_t. */
    interface $Properties {

        /** hello_t id */
        id?: (number|null);

        /** hello_t view_version */
        view_version?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a hello_t. */
    type $Shape = hello_t.$Properties;
}

/**
 * Properties of a welcome_t.
 * @deprecated Use welcome_t.$Properties instead.
 */
export interface Iwelcome_t extends welcome_t.$Properties {
}

/** Represents a welcome_t. */
export class welcome_t {

    /**
     * Constructs a new welcome_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: welcome_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** welcome_t received. */
    received: number;

    /** welcome_t last_epoch. */
    last_epoch?: (number|null);

    /** welcome_t stable. */
    stable: number;

    /** welcome_t member. */
    member: boolean;

    /**
     * Encodes the specified welcome_t message. Does not implicitly {@link welcome_t.verify|verify} messages.
     * @param message welcome_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: welcome_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified welcome_t message, length delimited. Does not implicitly {@link welcome_t.verify|verify} messages.
     * @param message welcome_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: welcome_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a welcome_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {welcome_t & welcome_t.$Shape} welcome_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): welcome_t & welcome_t.$Shape;

    /**
     * Decodes a welcome_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {welcome_t & welcome_t.$Shape} welcome_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): welcome_t & welcome_t.$Shape;
}

export namespace welcome_t {

    /** Properties of a welcome_t. */
    interface $Properties {

        /** welcome_t received */
        received?: (number|null);

        /** welcome_t last_epoch */
        last_epoch?: (number|null);

        /** welcome_t stable */
        stable?: (number|null);

        /** welcome_t member */
        member?: (boolean|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a welcome_t. */
    type $Shape = welcome_t.$Properties;
}

/**
 * Properties of a reject_t.
 * @deprecated Use reject_t.$Properties instead.
 */
export interface Ireject_t extends reject_t.$Properties {
}

/** Represents a reject_t. */
export class reject_t {

    /**
     * Constructs a new reject_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: reject_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** reject_t view_version. */
    view_version: number;

    /**
     * Encodes the specified reject_t message. Does not implicitly {@link reject_t.verify|verify} messages.
     * @param message reject_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: reject_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified reject_t message, length delimited. Does not implicitly {@link reject_t.verify|verify} messages.
     * @param message reject_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: reject_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a reject_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {reject_t & reject_t.$Shape} reject_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): reject_t & reject_t.$Shape;

    /**
     * Decodes a reject_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {reject_t & reject_t.$Shape} reject_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): reject_t & reject_t.$Shape;
}

export namespace reject_t {

    /** Properties of a reject_t. */
    interface $Properties {

        /** reject_t view_version */
        view_version?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a reject_t. */
    type $Shape = reject_t.$Properties;
}

/**
 * Properties of a refuse_t.
 * @deprecated Use refuse_t.$Properties instead.
 */
export interface Irefuse_t extends refuse_t.$Properties {
}

/** Represents a refuse_t. */
export class refuse_t {

    /**
     * Constructs a new refuse_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: refuse_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** refuse_t detail. */
    detail: string;

    /**
     * Encodes the specified refuse_t message. Does not implicitly {@link refuse_t.verify|verify} messages.
     * @param message refuse_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: refuse_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified refuse_t message, length delimited. Does not implicitly {@link refuse_t.verify|verify} messages.
     * @param message refuse_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: refuse_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a refuse_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {refuse_t & refuse_t.$Shape} refuse_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): refuse_t & refuse_t.$Shape;

    /**
     * Decodes a refuse_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {refuse_t & refuse_t.$Shape} refuse_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): refuse_t & refuse_t.$Shape;
}

export namespace refuse_t {

    /** Properties of a refuse_t. */
    interface $Properties {

        /** refuse_t detail */
        detail?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a refuse_t. */
    type $Shape = refuse_t.$Properties;
}

/**
 * Properties of a handover_t.
 * @deprecated Use handover_t.$Properties instead.
 */
export interface Ihandover_t extends handover_t.$Properties {
}

/** Represents a handover_t. */
export class handover_t {

    /**
     * Constructs a new handover_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: handover_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** handover_t seq. */
    seq: number;

    /**
     * Encodes the specified handover_t message. Does not implicitly {@link handover_t.verify|verify} messages.
     * @param message handover_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: handover_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified handover_t message, length delimited. Does not implicitly {@link handover_t.verify|verify} messages.
     * @param message handover_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: handover_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a handover_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {handover_t & handover_t.$Shape} handover_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): handover_t & handover_t.$Shape;

    /**
     * Decodes a handover_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {handover_t & handover_t.$Shape} handover_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): handover_t & handover_t.$Shape;
}

export namespace handover_t {

    /** Properties of a handover_t. */
    interface $Properties {

        /** handover_t seq */
        seq?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a handover_t. */
    type $Shape = handover_t.$Properties;
}

/**
 * Properties of an updates_t.
 * @deprecated Use updates_t.$Properties instead.
 */
export interface Iupdates_t extends updates_t.$Properties {
}

/** Represents an updates_t. */
export class updates_t {

    /**
     * Constructs a new updates_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: updates_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** updates_t updates. */
    updates: update_t.$Properties[];

    /**
     * Encodes the specified updates_t message. Does not implicitly {@link updates_t.verify|verify} messages.
     * @param message updates_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: updates_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified updates_t message, length delimited. Does not implicitly {@link updates_t.verify|verify} messages.
     * @param message updates_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: updates_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an updates_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {updates_t & updates_t.$Shape} updates_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): updates_t & updates_t.$Shape;

    /**
     * Decodes an updates_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {updates_t & updates_t.$Shape} updates_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): updates_t & updates_t.$Shape;
}

export namespace updates_t {

    /** Properties of an updates_t. */
    interface $Properties {

        /** updates_t updates */
        updates?: (update_t.$Properties[]|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an updates_t. */
    type $Shape = updates_t.$Properties;
}

/**
 * Properties of an update_t.
 * @deprecated Use update_t.$Properties instead.
 */
export interface Iupdate_t extends update_t.$Properties {
}

/** Represents an update_t. */
export class update_t {

    /**
     * Constructs a new update_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: update_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** update_t seq. */
    seq: number;

    /** update_t epoch. */
    epoch: number;

    /** update_t client. */
    client: string;

    /** update_t request. */
    request: number;

    /** update_t op. */
    op: update_t.Op;

    /** update_t key. */
    key: string;

    /** update_t data. */
    data: Uint8Array;

    /**
     * Encodes the specified update_t message. Does not implicitly {@link update_t.verify|verify} messages.
     * @param message update_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: update_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified update_t message, length delimited. Does not implicitly {@link update_t.verify|verify} messages.
     * @param message update_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: update_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an update_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {update_t & update_t.$Shape} update_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): update_t & update_t.$Shape;

    /**
     * Decodes an update_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {update_t & update_t.$Shape} update_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): update_t & update_t.$Shape;
}

export namespace update_t {

    /** Properties of an update_t. */
    interface $Properties {

        /** update_t seq */
        seq?: (number|null);

        /** update_t epoch */
        epoch?: (number|null);

        /** update_t client */
        client?: (string|null);

        /** update_t request */
        request?: (number|null);

        /** update_t op */
        op?: (update_t.Op|null);

        /** update_t key */
        key?: (string|null);

        /** update_t data */
        data?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an update_t. */
    type $Shape = update_t.$Properties;

    /** Op enum. */
    enum Op {

        /** NONE value */
        NONE = 0,

        /** PUT value */
        PUT = 1,

        /** DEL value */
        DEL = 2
    }
}

/**
 * Properties of an ack_t.
 * @deprecated Use ack_t.$Properties instead.
 */
export interface Iack_t extends ack_t.$Properties {
}

/** Represents an ack_t. */
export class ack_t {

    /**
     * Constructs a new ack_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: ack_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ack_t stable. */
    stable: number;

    /**
     * Encodes the specified ack_t message. Does not implicitly {@link ack_t.verify|verify} messages.
     * @param message ack_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ack_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified ack_t message, length delimited. Does not implicitly {@link ack_t.verify|verify} messages.
     * @param message ack_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: ack_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an ack_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ack_t & ack_t.$Shape} ack_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ack_t & ack_t.$Shape;

    /**
     * Decodes an ack_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {ack_t & ack_t.$Shape} ack_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ack_t & ack_t.$Shape;
}

export namespace ack_t {

    /** Properties of an ack_t. */
    interface $Properties {

        /** ack_t stable */
        stable?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an ack_t. */
    type $Shape = ack_t.$Properties;
}
