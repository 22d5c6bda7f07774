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

    /** chain_message_t snapshot. */
    snapshot?: (snapshot_t.$Properties|null);

    /** chain_message_t chunk. */
    chunk?: (chunk_t.$Properties|null);

    /** chain_message_t invite. */
    invite?: (invite_t.$Properties|null);

    /** chain_message_t progress. */
    progress?: (progress_t.$Properties|null);

    /** chain_message_t kind. */
    kind?: ("hello"|"welcome"|"reject"|"refuse"|"handover"|"updates"|"ack"|"snapshot"|"chunk"|"invite"|"progress");

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

        /** chain_message_t snapshot */
        snapshot?: (snapshot_t.$Properties|null);

        /** chain_message_t chunk */
        chunk?: (chunk_t.$Properties|null);

        /** chain_message_t invite */
        invite?: (invite_t.$Properties|null);

        /** chain_message_t progress */
        progress?: (progress_t.$Properties|null);

        /** chain_message_t kind */
        kind?: ("hello"|"welcome"|"reject"|"refuse"|"handover"|"updates"|"ack"|"snapshot"|"chunk"|"invite"|"progress");

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
      snapshot?: snapshot_t.$Shape|null;
      chunk?: chunk_t.$Shape|null;
      invite?: invite_t.$Shape|null;
      progress?: progress_t.$Shape|null;
      $unknowns?: Uint8Array[];
    } & (
      ({ kind?: undefined; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "hello"; hello: hello_t.$Shape; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "welcome"; hello?: null; welcome: welcome_t.$Shape; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "reject"; hello?: null; welcome?: null; reject: reject_t.$Shape; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "refuse"; hello?: null; welcome?: null; reject?: null; refuse: refuse_t.$Shape; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "handover"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover: handover_t.$Shape; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "updates"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates: updates_t.$Shape; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "ack"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack: ack_t.$Shape; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "snapshot"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot: snapshot_t.$Shape; chunk?: null; invite?: null; progress?: null }|{ kind?: "chunk"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk: chunk_t.$Shape; invite?: null; progress?: null }|{ kind?: "invite"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite: invite_t.$Shape; progress?: null }|{ kind?: "progress"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress: progress_t.$Shape })
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

    /** hello_t chain. */
    chain: string;

    /** hello_t joining. */
    joining: boolean;

    /** hello_t session. */
    session: string;

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

        /** hello_t chain */
        chain?: (string|null);

        /** hello_t joining */
        joining?: (boolean|null);

        /** hello_t session */
        session?: (string|null);

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

    /** welcome_t whole. */
    whole: boolean;

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

        /** welcome_t whole */
        whole?: (boolean|null);

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

    /** update_t first_incomplete. */
    first_incomplete: number;

    /** update_t expected. */
    expected: Uint8Array;

    /** update_t not_applied. */
    not_applied: boolean;

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

        /** update_t first_incomplete */
        first_incomplete?: (number|null);

        /** update_t expected */
        expected?: (Uint8Array|null);

        /** update_t not_applied */
        not_applied?: (boolean|null);

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
        DEL = 2,

        /** OPEN value */
        OPEN = 3,

        /** PUT_IF_ABSENT value */
        PUT_IF_ABSENT = 4,

        /** PUT_IF_EQUALS value */
        PUT_IF_EQUALS = 5
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

/**
 * Properties of a snapshot_t.
 * @deprecated Use snapshot_t.$Properties instead.
 */
export interface Isnapshot_t extends snapshot_t.$Properties {
}

/** Represents a snapshot_t. */
export class snapshot_t {

    /**
     * Constructs a new snapshot_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: snapshot_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** snapshot_t seq. */
    seq: number;

    /** snapshot_t epochs. */
    epochs: epoch_start_t.$Properties[];

    /** snapshot_t sessions. */
    sessions: session_t.$Properties[];

    /** snapshot_t sessions_seq. */
    sessions_seq: number;

    /**
     * Encodes the specified snapshot_t message. Does not implicitly {@link snapshot_t.verify|verify} messages.
     * @param message snapshot_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: snapshot_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified snapshot_t message, length delimited. Does not implicitly {@link snapshot_t.verify|verify} messages.
     * @param message snapshot_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: snapshot_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a snapshot_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {snapshot_t & snapshot_t.$Shape} snapshot_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): snapshot_t & snapshot_t.$Shape;

    /**
     * Decodes a snapshot_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {snapshot_t & snapshot_t.$Shape} snapshot_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): snapshot_t & snapshot_t.$Shape;
}

export namespace snapshot_t {

    /** Properties of a snapshot_t. */
    interface $Properties {

        /** snapshot_t seq */
        seq?: (number|null);

        /** snapshot_t epochs */
        epochs?: (epoch_start_t.$Properties[]|null);

        /** snapshot_t sessions */
        sessions?: (session_t.$Properties[]|null);

        /** snapshot_t sessions_seq */
        sessions_seq?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a snapshot_t. */
    type $Shape = snapshot_t.$Properties;
}

/**
 * Properties of an epoch_start_t.
 * @deprecated Use epoch_start_t.$Properties instead.
 */
export interface Iepoch_start_t extends epoch_start_t.$Properties {
}

/** Represents an epoch_start_t. */
export class epoch_start_t {

    /**
     * Constructs a new epoch_start_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: epoch_start_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** epoch_start_t epoch. */
    epoch: number;

    /** epoch_start_t seq. */
    seq: number;

    /**
     * Encodes the specified epoch_start_t message. Does not implicitly {@link epoch_start_t.verify|verify} messages.
     * @param message epoch_start_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: epoch_start_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified epoch_start_t message, length delimited. Does not implicitly {@link epoch_start_t.verify|verify} messages.
     * @param message epoch_start_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: epoch_start_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an epoch_start_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {epoch_start_t & epoch_start_t.$Shape} epoch_start_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): epoch_start_t & epoch_start_t.$Shape;

    /**
     * Decodes an epoch_start_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {epoch_start_t & epoch_start_t.$Shape} epoch_start_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): epoch_start_t & epoch_start_t.$Shape;
}

export namespace epoch_start_t {

    /** Properties of an epoch_start_t. */
    interface $Properties {

        /** epoch_start_t epoch */
        epoch?: (number|null);

        /** epoch_start_t seq */
        seq?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an epoch_start_t. */
    type $Shape = epoch_start_t.$Properties;
}

/**
 * Properties of a session_t.
 * @deprecated Use session_t.$Properties instead.
 */
export interface Isession_t extends session_t.$Properties {
}

/** Represents a session_t. */
export class session_t {

    /**
     * Constructs a new session_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: session_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** session_t client. */
    client: string;

    /** session_t first_incomplete. */
    first_incomplete: number;

    /** session_t requests. */
    requests: number[];

    /** session_t seqs. */
    seqs: number[];

    /** session_t epochs. */
    epochs: number[];

    /** session_t digests. */
    digests: number[];

    /** session_t applied. */
    applied: Uint8Array;

    /**
     * Encodes the specified session_t message. Does not implicitly {@link session_t.verify|verify} messages.
     * @param message session_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: session_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified session_t message, length delimited. Does not implicitly {@link session_t.verify|verify} messages.
     * @param message session_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: session_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a session_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {session_t & session_t.$Shape} session_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): session_t & session_t.$Shape;

    /**
     * Decodes a session_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {session_t & session_t.$Shape} session_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): session_t & session_t.$Shape;
}

export namespace session_t {

    /** Properties of a session_t. */
    interface $Properties {

        /** session_t client */
        client?: (string|null);

        /** session_t first_incomplete */
        first_incomplete?: (number|null);

        /** session_t requests */
        requests?: (number[]|null);

        /** session_t seqs */
        seqs?: (number[]|null);

        /** session_t epochs */
        epochs?: (number[]|null);

        /** session_t digests */
        digests?: (number[]|null);

        /** session_t applied */
        applied?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a session_t. */
    type $Shape = session_t.$Properties;
}

/**
 * Properties of a chunk_t.
 * @deprecated Use chunk_t.$Properties instead.
 */
export interface Ichunk_t extends chunk_t.$Properties {
}

/** Represents a chunk_t. */
export class chunk_t {

    /**
     * Constructs a new chunk_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: chunk_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** chunk_t entries. */
    entries: Uint8Array;

    /**
     * Encodes the specified chunk_t message. Does not implicitly {@link chunk_t.verify|verify} messages.
     * @param message chunk_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: chunk_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified chunk_t message, length delimited. Does not implicitly {@link chunk_t.verify|verify} messages.
     * @param message chunk_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: chunk_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a chunk_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {chunk_t & chunk_t.$Shape} chunk_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): chunk_t & chunk_t.$Shape;

    /**
     * Decodes a chunk_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {chunk_t & chunk_t.$Shape} chunk_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): chunk_t & chunk_t.$Shape;
}

export namespace chunk_t {

    /** Properties of a chunk_t. */
    interface $Properties {

        /** chunk_t entries */
        entries?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a chunk_t. */
    type $Shape = chunk_t.$Properties;
}

/**
 * Properties of an invite_t.
 * @deprecated Use invite_t.$Properties instead.
 */
export interface Iinvite_t extends invite_t.$Properties {
}

/** Represents an invite_t. */
export class invite_t {

    /**
     * Constructs a new invite_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: invite_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** invite_t seq. */
    seq: number;

    /**
     * Encodes the specified invite_t message. Does not implicitly {@link invite_t.verify|verify} messages.
     * @param message invite_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: invite_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified invite_t message, length delimited. Does not implicitly {@link invite_t.verify|verify} messages.
     * @param message invite_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: invite_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an invite_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {invite_t & invite_t.$Shape} invite_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): invite_t & invite_t.$Shape;

    /**
     * Decodes an invite_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {invite_t & invite_t.$Shape} invite_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): invite_t & invite_t.$Shape;
}

export namespace invite_t {

    /** Properties of an invite_t. */
    interface $Properties {

        /** invite_t seq */
        seq?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an invite_t. */
    type $Shape = invite_t.$Properties;
}

/**
 * Properties of a progress_t.
 * @deprecated Use progress_t.$Properties instead.
 */
export interface Iprogress_t extends progress_t.$Properties {
}

/** Represents a progress_t. */
export class progress_t {

    /**
     * Constructs a new progress_t.
     * @param [properties] Properties to set
     */
    constructor(properties?: progress_t.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** progress_t executed. */
    executed: number;

    /** progress_t chunks. */
    chunks: number;

    /**
     * Encodes the specified progress_t message. Does not implicitly {@link progress_t.verify|verify} messages.
     * @param message progress_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: progress_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Encodes the specified progress_t message, length delimited. Does not implicitly {@link progress_t.verify|verify} messages.
     * @param message progress_t message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encodeDelimited(message: progress_t.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a progress_t message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {progress_t & progress_t.$Shape} progress_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): progress_t & progress_t.$Shape;

    /**
     * Decodes a progress_t message from the specified reader or buffer, length delimited.
     * @param reader Reader or buffer to decode from
     * @returns {progress_t & progress_t.$Shape} progress_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): progress_t & progress_t.$Shape;
}

export namespace progress_t {

    /** Properties of a progress_t. */
    interface $Properties {

        /** progress_t executed */
        executed?: (number|null);

        /** progress_t chunks */
        chunks?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a progress_t. */
    type $Shape = progress_t.$Properties;
}
