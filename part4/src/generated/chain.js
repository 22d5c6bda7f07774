/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const chain_message_t = $root.chain_message_t = (() => {

    /**
     * Properties of a chain_message_t.
     * @typedef {Object} chain_message_t.$Properties
     * @property {hello_t.$Properties|null} [hello] chain_message_t hello
     * @property {welcome_t.$Properties|null} [welcome] chain_message_t welcome
     * @property {reject_t.$Properties|null} [reject] chain_message_t reject
     * @property {refuse_t.$Properties|null} [refuse] chain_message_t refuse
     * @property {handover_t.$Properties|null} [handover] chain_message_t handover
     * @property {updates_t.$Properties|null} [updates] chain_message_t updates
     * @property {ack_t.$Properties|null} [ack] chain_message_t ack
     * @property {"hello"|"welcome"|"reject"|"refuse"|"handover"|"updates"|"ack"} [kind] chain_message_t kind
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a chain_message_t.
     * @exports Ichain_message_t
     * @interface Ichain_message_t
     * @augments chain_message_t.$Properties
     * @deprecated Use chain_message_t.$Properties instead.
     */

    /**
     * Narrowed shape of a chain_message_t.
     * @typedef {{
     *   hello?: hello_t.$Shape|null;
     *   welcome?: welcome_t.$Shape|null;
     *   reject?: reject_t.$Shape|null;
     *   refuse?: refuse_t.$Shape|null;
     *   handover?: handover_t.$Shape|null;
     *   updates?: updates_t.$Shape|null;
     *   ack?: ack_t.$Shape|null;
     *   $unknowns?: Array.<Uint8Array>;
     * } & (
     *   ({ kind?: undefined; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null }|{ kind?: "hello"; hello: hello_t.$Shape; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null }|{ kind?: "welcome"; hello?: null; welcome: welcome_t.$Shape; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null }|{ kind?: "reject"; hello?: null; welcome?: null; reject: reject_t.$Shape; refuse?: null; handover?: null; updates?: null; ack?: null }|{ kind?: "refuse"; hello?: null; welcome?: null; reject?: null; refuse: refuse_t.$Shape; handover?: null; updates?: null; ack?: null }|{ kind?: "handover"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover: handover_t.$Shape; updates?: null; ack?: null }|{ kind?: "updates"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates: updates_t.$Shape; ack?: null }|{ kind?: "ack"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack: ack_t.$Shape })
     * )} chain_message_t.$Shape
     */

    /**
     * Constructs a new chain_message_t.
     * @exports chain_message_t
     * @classdesc Represents a chain_message_t.
     * @constructor
     * @param {chain_message_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const chain_message_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * chain_message_t hello.
     * @member {hello_t.$Properties|null|undefined} hello
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.hello = null;

    /**
     * chain_message_t welcome.
     * @member {welcome_t.$Properties|null|undefined} welcome
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.welcome = null;

    /**
     * chain_message_t reject.
     * @member {reject_t.$Properties|null|undefined} reject
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.reject = null;

    /**
     * chain_message_t refuse.
     * @member {refuse_t.$Properties|null|undefined} refuse
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.refuse = null;

    /**
     * chain_message_t handover.
     * @member {handover_t.$Properties|null|undefined} handover
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.handover = null;

    /**
     * chain_message_t updates.
     * @member {updates_t.$Properties|null|undefined} updates
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.updates = null;

    /**
     * chain_message_t ack.
     * @member {ack_t.$Properties|null|undefined} ack
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.ack = null;

    // OneOf field names bound to virtual getters and setters
    let $oneOfFields;

    /**
     * chain_message_t kind.
     * @member {"hello"|"welcome"|"reject"|"refuse"|"handover"|"updates"|"ack"|undefined} kind
     * @memberof chain_message_t
     * @instance
     */
    $Object.defineProperty(chain_message_t.prototype, "kind", {
        get: $util.oneOfGetter($oneOfFields = ["hello", "welcome", "reject", "refuse", "handover", "updates", "ack"]),
        set: $util.oneOfSetter($oneOfFields)
    });

    /**
     * Encodes the specified chain_message_t message. Does not implicitly {@link chain_message_t.verify|verify} messages.
     * @function encode
     * @memberof chain_message_t
     * @static
     * @param {chain_message_t.$Properties} message chain_message_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    chain_message_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.hello != null && $Object.hasOwnProperty.call(message, "hello"))
            $root.hello_t.encode(message.hello, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.welcome != null && $Object.hasOwnProperty.call(message, "welcome"))
            $root.welcome_t.encode(message.welcome, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.reject != null && $Object.hasOwnProperty.call(message, "reject"))
            $root.reject_t.encode(message.reject, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
        if (message.refuse != null && $Object.hasOwnProperty.call(message, "refuse"))
            $root.refuse_t.encode(message.refuse, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
        if (message.handover != null && $Object.hasOwnProperty.call(message, "handover"))
            $root.handover_t.encode(message.handover, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
        if (message.updates != null && $Object.hasOwnProperty.call(message, "updates"))
            $root.updates_t.encode(message.updates, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
        if (message.ack != null && $Object.hasOwnProperty.call(message, "ack"))
            $root.ack_t.encode(message.ack, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified chain_message_t message, length delimited. Does not implicitly {@link chain_message_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof chain_message_t
     * @static
     * @param {chain_message_t.$Properties} message chain_message_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    chain_message_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a chain_message_t message from the specified reader or buffer.
     * @function decode
     * @memberof chain_message_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {chain_message_t & chain_message_t.$Shape} chain_message_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    chain_message_t.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.chain_message_t();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 2)
                        break;
                    message.hello = $root.hello_t.decode(reader, reader.size(), $undefined, _depth + 1, message.hello);
                    message.kind = "hello";
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    message.welcome = $root.welcome_t.decode(reader, reader.size(), $undefined, _depth + 1, message.welcome);
                    message.kind = "welcome";
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    message.reject = $root.reject_t.decode(reader, reader.size(), $undefined, _depth + 1, message.reject);
                    message.kind = "reject";
                    continue;
                }
            case 4: {
                    if (wireType !== 2)
                        break;
                    message.refuse = $root.refuse_t.decode(reader, reader.size(), $undefined, _depth + 1, message.refuse);
                    message.kind = "refuse";
                    continue;
                }
            case 5: {
                    if (wireType !== 2)
                        break;
                    message.handover = $root.handover_t.decode(reader, reader.size(), $undefined, _depth + 1, message.handover);
                    message.kind = "handover";
                    continue;
                }
            case 6: {
                    if (wireType !== 2)
                        break;
                    message.updates = $root.updates_t.decode(reader, reader.size(), $undefined, _depth + 1, message.updates);
                    message.kind = "updates";
                    continue;
                }
            case 7: {
                    if (wireType !== 2)
                        break;
                    message.ack = $root.ack_t.decode(reader, reader.size(), $undefined, _depth + 1, message.ack);
                    message.kind = "ack";
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    /**
     * Decodes a chain_message_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof chain_message_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {chain_message_t & chain_message_t.$Shape} chain_message_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    chain_message_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return chain_message_t;
})();

export const hello_t = $root.hello_t = (() => {

    /**
     * Properties of a hello_t.
     * @typedef {Object} hello_t.$Properties
     * @property {number|null} [id] hello_t id
     * @property {number|null} [view_version] hello_t view_version
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a hello_t.
     * @exports Ihello_t
     * @interface Ihello_t
     * @augments hello_t.$Properties
     * @deprecated Use hello_t.$Properties instead.
     */

    /**
     * Shape of a hello_t.
     * @typedef {hello_t.$Properties} hello_t.$Shape
     */

    /**
     * Constructs a new hello_t.
     * @exports hello_t
     * @classdesc Represents a hello_t.
     * @constructor
     * @param {hello_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const hello_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * hello_t id.
     * @member {number} id
     * @memberof hello_t
     * @instance
     */
    hello_t.prototype.id = 0;

    /**
     * hello_t view_version.
     * @member {number} view_version
     * @memberof hello_t
     * @instance
     */
    hello_t.prototype.view_version = 0;

    /**
     * Encodes the specified hello_t message. Does not implicitly {@link hello_t.verify|verify} messages.
     * @function encode
     * @memberof hello_t
     * @static
     * @param {hello_t.$Properties} message hello_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    hello_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.id);
        if (message.view_version != null && $Object.hasOwnProperty.call(message, "view_version") && message.view_version !== 0)
            writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.view_version);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified hello_t message, length delimited. Does not implicitly {@link hello_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof hello_t
     * @static
     * @param {hello_t.$Properties} message hello_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    hello_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a hello_t message from the specified reader or buffer.
     * @function decode
     * @memberof hello_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {hello_t & hello_t.$Shape} hello_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    hello_t.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.hello_t();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.id = value;
                    else
                        delete message.id;
                    continue;
                }
            case 2: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.view_version = value;
                    else
                        delete message.view_version;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    /**
     * Decodes a hello_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof hello_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {hello_t & hello_t.$Shape} hello_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    hello_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return hello_t;
})();

export const welcome_t = $root.welcome_t = (() => {

    /**
     * Properties of a welcome_t.
     * @typedef {Object} welcome_t.$Properties
     * @property {number|null} [received] welcome_t received
     * @property {number|null} [last_epoch] welcome_t last_epoch
     * @property {number|null} [stable] welcome_t stable
     * @property {boolean|null} [member] welcome_t member
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a welcome_t.
     * @exports Iwelcome_t
     * @interface Iwelcome_t
     * @augments welcome_t.$Properties
     * @deprecated Use welcome_t.$Properties instead.
     */

    /**
     * Shape of a welcome_t.
     * @typedef {welcome_t.$Properties} welcome_t.$Shape
     */

    /**
     * Constructs a new welcome_t.
     * @exports welcome_t
     * @classdesc Represents a welcome_t.
     * @constructor
     * @param {welcome_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const welcome_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * welcome_t received.
     * @member {number} received
     * @memberof welcome_t
     * @instance
     */
    welcome_t.prototype.received = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * welcome_t last_epoch.
     * @member {number|null|undefined} last_epoch
     * @memberof welcome_t
     * @instance
     */
    welcome_t.prototype.last_epoch = null;

    /**
     * welcome_t stable.
     * @member {number} stable
     * @memberof welcome_t
     * @instance
     */
    welcome_t.prototype.stable = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * welcome_t member.
     * @member {boolean} member
     * @memberof welcome_t
     * @instance
     */
    welcome_t.prototype.member = false;

    // OneOf field names bound to virtual getters and setters
    let $oneOfFields;

    // Virtual OneOf for proto3 optional field
    $Object.defineProperty(welcome_t.prototype, "_last_epoch", {
        get: $util.oneOfGetter($oneOfFields = ["last_epoch"]),
        set: $util.oneOfSetter($oneOfFields)
    });

    /**
     * Encodes the specified welcome_t message. Does not implicitly {@link welcome_t.verify|verify} messages.
     * @function encode
     * @memberof welcome_t
     * @static
     * @param {welcome_t.$Properties} message welcome_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    welcome_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.received != null && $Object.hasOwnProperty.call(message, "received") && (typeof message.received === "object" ? message.received.low || message.received.high : message.received !== 0))
            writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.received);
        if (message.last_epoch != null && $Object.hasOwnProperty.call(message, "last_epoch"))
            writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.last_epoch);
        if (message.stable != null && $Object.hasOwnProperty.call(message, "stable") && (typeof message.stable === "object" ? message.stable.low || message.stable.high : message.stable !== 0))
            writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.stable);
        if (message.member != null && $Object.hasOwnProperty.call(message, "member") && message.member !== false)
            writer.uint32(/* id 4, wireType 0 =*/32).bool(message.member);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified welcome_t message, length delimited. Does not implicitly {@link welcome_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof welcome_t
     * @static
     * @param {welcome_t.$Properties} message welcome_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    welcome_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a welcome_t message from the specified reader or buffer.
     * @function decode
     * @memberof welcome_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {welcome_t & welcome_t.$Shape} welcome_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    welcome_t.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.welcome_t();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.received = value;
                    else
                        delete message.received;
                    continue;
                }
            case 2: {
                    if (wireType !== 0)
                        break;
                    message.last_epoch = reader.uint32();
                    message._last_epoch = "last_epoch";
                    continue;
                }
            case 3: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.stable = value;
                    else
                        delete message.stable;
                    continue;
                }
            case 4: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.bool())
                        message.member = value;
                    else
                        delete message.member;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    /**
     * Decodes a welcome_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof welcome_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {welcome_t & welcome_t.$Shape} welcome_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    welcome_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return welcome_t;
})();

export const reject_t = $root.reject_t = (() => {

    /**
     * Properties of a reject_t.
     * @typedef {Object} reject_t.$Properties
     * @property {number|null} [view_version] reject_t view_version
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a reject_t.
     * @exports Ireject_t
     * @interface Ireject_t
     * @augments reject_t.$Properties
     * @deprecated Use reject_t.$Properties instead.
     */

    /**
     * Shape of a reject_t.
     * @typedef {reject_t.$Properties} reject_t.$Shape
     */

    /**
     * Constructs a new reject_t.
     * @exports reject_t
     * @classdesc Represents a reject_t.
     * @constructor
     * @param {reject_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const reject_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * reject_t view_version.
     * @member {number} view_version
     * @memberof reject_t
     * @instance
     */
    reject_t.prototype.view_version = 0;

    /**
     * Encodes the specified reject_t message. Does not implicitly {@link reject_t.verify|verify} messages.
     * @function encode
     * @memberof reject_t
     * @static
     * @param {reject_t.$Properties} message reject_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    reject_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.view_version != null && $Object.hasOwnProperty.call(message, "view_version") && message.view_version !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.view_version);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified reject_t message, length delimited. Does not implicitly {@link reject_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof reject_t
     * @static
     * @param {reject_t.$Properties} message reject_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    reject_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a reject_t message from the specified reader or buffer.
     * @function decode
     * @memberof reject_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {reject_t & reject_t.$Shape} reject_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    reject_t.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.reject_t();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.view_version = value;
                    else
                        delete message.view_version;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    /**
     * Decodes a reject_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof reject_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {reject_t & reject_t.$Shape} reject_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    reject_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return reject_t;
})();

export const refuse_t = $root.refuse_t = (() => {

    /**
     * Properties of a refuse_t.
     * @typedef {Object} refuse_t.$Properties
     * @property {string|null} [detail] refuse_t detail
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a refuse_t.
     * @exports Irefuse_t
     * @interface Irefuse_t
     * @augments refuse_t.$Properties
     * @deprecated Use refuse_t.$Properties instead.
     */

    /**
     * Shape of a refuse_t.
     * @typedef {refuse_t.$Properties} refuse_t.$Shape
     */

    /**
     * Constructs a new refuse_t.
     * @exports refuse_t
     * @classdesc Represents a refuse_t.
     * @constructor
     * @param {refuse_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const refuse_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * refuse_t detail.
     * @member {string} detail
     * @memberof refuse_t
     * @instance
     */
    refuse_t.prototype.detail = "";

    /**
     * Encodes the specified refuse_t message. Does not implicitly {@link refuse_t.verify|verify} messages.
     * @function encode
     * @memberof refuse_t
     * @static
     * @param {refuse_t.$Properties} message refuse_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    refuse_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.detail != null && $Object.hasOwnProperty.call(message, "detail") && message.detail !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.detail);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified refuse_t message, length delimited. Does not implicitly {@link refuse_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof refuse_t
     * @static
     * @param {refuse_t.$Properties} message refuse_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    refuse_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a refuse_t message from the specified reader or buffer.
     * @function decode
     * @memberof refuse_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {refuse_t & refuse_t.$Shape} refuse_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    refuse_t.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.refuse_t();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.detail = value;
                    else
                        delete message.detail;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    /**
     * Decodes a refuse_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof refuse_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {refuse_t & refuse_t.$Shape} refuse_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    refuse_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return refuse_t;
})();

export const handover_t = $root.handover_t = (() => {

    /**
     * Properties of a handover_t.
     * @typedef {Object} handover_t.$Properties
     * @property {number|null} [seq] handover_t seq
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a handover_t.
     * @exports Ihandover_t
     * @interface Ihandover_t
     * @augments handover_t.$Properties
     * @deprecated Use handover_t.$Properties instead.
     */

    /**
     * Shape of a handover_t.
     * @typedef {handover_t.$Properties} handover_t.$Shape
     */

    /**
     * Constructs a new handover_t.
     * @exports handover_t
     * @classdesc Represents a handover_t.
     * @constructor
     * @param {handover_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const handover_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * handover_t seq.
     * @member {number} seq
     * @memberof handover_t
     * @instance
     */
    handover_t.prototype.seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * Encodes the specified handover_t message. Does not implicitly {@link handover_t.verify|verify} messages.
     * @function encode
     * @memberof handover_t
     * @static
     * @param {handover_t.$Properties} message handover_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    handover_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
            writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.seq);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified handover_t message, length delimited. Does not implicitly {@link handover_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof handover_t
     * @static
     * @param {handover_t.$Properties} message handover_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    handover_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a handover_t message from the specified reader or buffer.
     * @function decode
     * @memberof handover_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {handover_t & handover_t.$Shape} handover_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    handover_t.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.handover_t();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.seq = value;
                    else
                        delete message.seq;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    /**
     * Decodes a handover_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof handover_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {handover_t & handover_t.$Shape} handover_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    handover_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return handover_t;
})();

export const updates_t = $root.updates_t = (() => {

    /**
     * Properties of an updates_t.
     * @typedef {Object} updates_t.$Properties
     * @property {Array.<update_t.$Properties>|null} [updates] updates_t updates
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an updates_t.
     * @exports Iupdates_t
     * @interface Iupdates_t
     * @augments updates_t.$Properties
     * @deprecated Use updates_t.$Properties instead.
     */

    /**
     * Shape of an updates_t.
     * @typedef {updates_t.$Properties} updates_t.$Shape
     */

    /**
     * Constructs a new updates_t.
     * @exports updates_t
     * @classdesc Represents an updates_t.
     * @constructor
     * @param {updates_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const updates_t = function (properties) {
        this.updates = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * updates_t updates.
     * @member {Array.<update_t.$Properties>} updates
     * @memberof updates_t
     * @instance
     */
    updates_t.prototype.updates = $util.emptyArray;

    /**
     * Encodes the specified updates_t message. Does not implicitly {@link updates_t.verify|verify} messages.
     * @function encode
     * @memberof updates_t
     * @static
     * @param {updates_t.$Properties} message updates_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    updates_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.updates != null && message.updates.length)
            for (let i = 0; i < message.updates.length; ++i)
                $root.update_t.encode(message.updates[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified updates_t message, length delimited. Does not implicitly {@link updates_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof updates_t
     * @static
     * @param {updates_t.$Properties} message updates_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    updates_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes an updates_t message from the specified reader or buffer.
     * @function decode
     * @memberof updates_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {updates_t & updates_t.$Shape} updates_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    updates_t.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.updates_t();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 2)
                        break;
                    if (!(message.updates && message.updates.length))
                        message.updates = [];
                    message.updates.push($root.update_t.decode(reader, reader.size(), $undefined, _depth + 1));
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    /**
     * Decodes an updates_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof updates_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {updates_t & updates_t.$Shape} updates_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    updates_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return updates_t;
})();

export const update_t = $root.update_t = (() => {

    /**
     * Properties of an update_t.
     * @typedef {Object} update_t.$Properties
     * @property {number|null} [seq] update_t seq
     * @property {number|null} [epoch] update_t epoch
     * @property {string|null} [client] update_t client
     * @property {number|null} [request] update_t request
     * @property {update_t.Op|null} [op] update_t op
     * @property {string|null} [key] update_t key
     * @property {Uint8Array|null} [data] update_t data
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an update_t.
     * @exports Iupdate_t
     * @interface Iupdate_t
     * @augments update_t.$Properties
     * @deprecated Use update_t.$Properties instead.
     */

    /**
     * Shape of an update_t.
     * @typedef {update_t.$Properties} update_t.$Shape
     */

    /**
     * Constructs a new update_t.
     * @exports update_t
     * @classdesc Represents an update_t.
     * @constructor
     * @param {update_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const update_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * update_t seq.
     * @member {number} seq
     * @memberof update_t
     * @instance
     */
    update_t.prototype.seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * update_t epoch.
     * @member {number} epoch
     * @memberof update_t
     * @instance
     */
    update_t.prototype.epoch = 0;

    /**
     * update_t client.
     * @member {string} client
     * @memberof update_t
     * @instance
     */
    update_t.prototype.client = "";

    /**
     * update_t request.
     * @member {number} request
     * @memberof update_t
     * @instance
     */
    update_t.prototype.request = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * update_t op.
     * @member {update_t.Op} op
     * @memberof update_t
     * @instance
     */
    update_t.prototype.op = 0;

    /**
     * update_t key.
     * @member {string} key
     * @memberof update_t
     * @instance
     */
    update_t.prototype.key = "";

    /**
     * update_t data.
     * @member {Uint8Array} data
     * @memberof update_t
     * @instance
     */
    update_t.prototype.data = $util.newBuffer([]);

    /**
     * Encodes the specified update_t message. Does not implicitly {@link update_t.verify|verify} messages.
     * @function encode
     * @memberof update_t
     * @static
     * @param {update_t.$Properties} message update_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    update_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
            writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.seq);
        if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== 0)
            writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.epoch);
        if (message.client != null && $Object.hasOwnProperty.call(message, "client") && message.client !== "")
            writer.uint32(/* id 3, wireType 2 =*/26).string(message.client);
        if (message.request != null && $Object.hasOwnProperty.call(message, "request") && (typeof message.request === "object" ? message.request.low || message.request.high : message.request !== 0))
            writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.request);
        if (message.op != null && $Object.hasOwnProperty.call(message, "op") && message.op !== 0)
            writer.uint32(/* id 5, wireType 0 =*/40).int32(message.op);
        if (message.key != null && $Object.hasOwnProperty.call(message, "key") && message.key !== "")
            writer.uint32(/* id 6, wireType 2 =*/50).string(message.key);
        if (message.data != null && $Object.hasOwnProperty.call(message, "data") && message.data.length)
            writer.uint32(/* id 7, wireType 2 =*/58).bytes(message.data);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified update_t message, length delimited. Does not implicitly {@link update_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof update_t
     * @static
     * @param {update_t.$Properties} message update_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    update_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes an update_t message from the specified reader or buffer.
     * @function decode
     * @memberof update_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {update_t & update_t.$Shape} update_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    update_t.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.update_t();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.seq = value;
                    else
                        delete message.seq;
                    continue;
                }
            case 2: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.epoch = value;
                    else
                        delete message.epoch;
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.client = value;
                    else
                        delete message.client;
                    continue;
                }
            case 4: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.request = value;
                    else
                        delete message.request;
                    continue;
                }
            case 5: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.int32())
                        message.op = value;
                    else
                        delete message.op;
                    continue;
                }
            case 6: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.key = value;
                    else
                        delete message.key;
                    continue;
                }
            case 7: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.data = value;
                    else
                        delete message.data;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    /**
     * Decodes an update_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof update_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {update_t & update_t.$Shape} update_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    update_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    /**
     * Op enum.
     * @name update_t.Op
     * @enum {number}
     * @property {number} NONE=0 NONE value
     * @property {number} PUT=1 PUT value
     * @property {number} DEL=2 DEL value
     */
    update_t.Op = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "NONE"] = 0;
        values[valuesById[1] = "PUT"] = 1;
        values[valuesById[2] = "DEL"] = 2;
        return values;
    })();

    return update_t;
})();

export const ack_t = $root.ack_t = (() => {

    /**
     * Properties of an ack_t.
     * @typedef {Object} ack_t.$Properties
     * @property {number|null} [stable] ack_t stable
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an ack_t.
     * @exports Iack_t
     * @interface Iack_t
     * @augments ack_t.$Properties
     * @deprecated Use ack_t.$Properties instead.
     */

    /**
     * Shape of an ack_t.
     * @typedef {ack_t.$Properties} ack_t.$Shape
     */

    /**
     * Constructs a new ack_t.
     * @exports ack_t
     * @classdesc Represents an ack_t.
     * @constructor
     * @param {ack_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const ack_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * ack_t stable.
     * @member {number} stable
     * @memberof ack_t
     * @instance
     */
    ack_t.prototype.stable = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * Encodes the specified ack_t message. Does not implicitly {@link ack_t.verify|verify} messages.
     * @function encode
     * @memberof ack_t
     * @static
     * @param {ack_t.$Properties} message ack_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    ack_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.stable != null && $Object.hasOwnProperty.call(message, "stable") && (typeof message.stable === "object" ? message.stable.low || message.stable.high : message.stable !== 0))
            writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.stable);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified ack_t message, length delimited. Does not implicitly {@link ack_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof ack_t
     * @static
     * @param {ack_t.$Properties} message ack_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    ack_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes an ack_t message from the specified reader or buffer.
     * @function decode
     * @memberof ack_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {ack_t & ack_t.$Shape} ack_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    ack_t.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.ack_t();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.stable = value;
                    else
                        delete message.stable;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    /**
     * Decodes an ack_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof ack_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {ack_t & ack_t.$Shape} ack_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    ack_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return ack_t;
})();

export {
  $root as default
};
