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
     * @property {snapshot_t.$Properties|null} [snapshot] chain_message_t snapshot
     * @property {chunk_t.$Properties|null} [chunk] chain_message_t chunk
     * @property {invite_t.$Properties|null} [invite] chain_message_t invite
     * @property {progress_t.$Properties|null} [progress] chain_message_t progress
     * @property {"hello"|"welcome"|"reject"|"refuse"|"handover"|"updates"|"ack"|"snapshot"|"chunk"|"invite"|"progress"} [kind] chain_message_t kind
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
     *   snapshot?: snapshot_t.$Shape|null;
     *   chunk?: chunk_t.$Shape|null;
     *   invite?: invite_t.$Shape|null;
     *   progress?: progress_t.$Shape|null;
     *   $unknowns?: Array.<Uint8Array>;
     * } & (
     *   ({ kind?: undefined; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "hello"; hello: hello_t.$Shape; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "welcome"; hello?: null; welcome: welcome_t.$Shape; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "reject"; hello?: null; welcome?: null; reject: reject_t.$Shape; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "refuse"; hello?: null; welcome?: null; reject?: null; refuse: refuse_t.$Shape; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "handover"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover: handover_t.$Shape; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "updates"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates: updates_t.$Shape; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "ack"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack: ack_t.$Shape; snapshot?: null; chunk?: null; invite?: null; progress?: null }|{ kind?: "snapshot"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot: snapshot_t.$Shape; chunk?: null; invite?: null; progress?: null }|{ kind?: "chunk"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk: chunk_t.$Shape; invite?: null; progress?: null }|{ kind?: "invite"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite: invite_t.$Shape; progress?: null }|{ kind?: "progress"; hello?: null; welcome?: null; reject?: null; refuse?: null; handover?: null; updates?: null; ack?: null; snapshot?: null; chunk?: null; invite?: null; progress: progress_t.$Shape })
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

    /**
     * chain_message_t snapshot.
     * @member {snapshot_t.$Properties|null|undefined} snapshot
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.snapshot = null;

    /**
     * chain_message_t chunk.
     * @member {chunk_t.$Properties|null|undefined} chunk
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.chunk = null;

    /**
     * chain_message_t invite.
     * @member {invite_t.$Properties|null|undefined} invite
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.invite = null;

    /**
     * chain_message_t progress.
     * @member {progress_t.$Properties|null|undefined} progress
     * @memberof chain_message_t
     * @instance
     */
    chain_message_t.prototype.progress = null;

    // OneOf field names bound to virtual getters and setters
    let $oneOfFields;

    /**
     * chain_message_t kind.
     * @member {"hello"|"welcome"|"reject"|"refuse"|"handover"|"updates"|"ack"|"snapshot"|"chunk"|"invite"|"progress"|undefined} kind
     * @memberof chain_message_t
     * @instance
     */
    $Object.defineProperty(chain_message_t.prototype, "kind", {
        get: $util.oneOfGetter($oneOfFields = ["hello", "welcome", "reject", "refuse", "handover", "updates", "ack", "snapshot", "chunk", "invite", "progress"]),
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
        if (message.snapshot != null && $Object.hasOwnProperty.call(message, "snapshot"))
            $root.snapshot_t.encode(message.snapshot, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
        if (message.chunk != null && $Object.hasOwnProperty.call(message, "chunk"))
            $root.chunk_t.encode(message.chunk, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
        if (message.invite != null && $Object.hasOwnProperty.call(message, "invite"))
            $root.invite_t.encode(message.invite, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
        if (message.progress != null && $Object.hasOwnProperty.call(message, "progress"))
            $root.progress_t.encode(message.progress, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
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
            case 8: {
                    if (wireType !== 2)
                        break;
                    message.snapshot = $root.snapshot_t.decode(reader, reader.size(), $undefined, _depth + 1, message.snapshot);
                    message.kind = "snapshot";
                    continue;
                }
            case 9: {
                    if (wireType !== 2)
                        break;
                    message.chunk = $root.chunk_t.decode(reader, reader.size(), $undefined, _depth + 1, message.chunk);
                    message.kind = "chunk";
                    continue;
                }
            case 10: {
                    if (wireType !== 2)
                        break;
                    message.invite = $root.invite_t.decode(reader, reader.size(), $undefined, _depth + 1, message.invite);
                    message.kind = "invite";
                    continue;
                }
            case 11: {
                    if (wireType !== 2)
                        break;
                    message.progress = $root.progress_t.decode(reader, reader.size(), $undefined, _depth + 1, message.progress);
                    message.kind = "progress";
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
     * @property {string|null} [chain] hello_t chain
     * @property {boolean|null} [joining] hello_t joining
     * @property {string|null} [session] hello_t session
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
     * hello_t chain.
     * @member {string} chain
     * @memberof hello_t
     * @instance
     */
    hello_t.prototype.chain = "";

    /**
     * hello_t joining.
     * @member {boolean} joining
     * @memberof hello_t
     * @instance
     */
    hello_t.prototype.joining = false;

    /**
     * hello_t session.
     * @member {string} session
     * @memberof hello_t
     * @instance
     */
    hello_t.prototype.session = "";

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
        if (message.chain != null && $Object.hasOwnProperty.call(message, "chain") && message.chain !== "")
            writer.uint32(/* id 3, wireType 2 =*/26).string(message.chain);
        if (message.joining != null && $Object.hasOwnProperty.call(message, "joining") && message.joining !== false)
            writer.uint32(/* id 4, wireType 0 =*/32).bool(message.joining);
        if (message.session != null && $Object.hasOwnProperty.call(message, "session") && message.session !== "")
            writer.uint32(/* id 5, wireType 2 =*/42).string(message.session);
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
            case 3: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.chain = value;
                    else
                        delete message.chain;
                    continue;
                }
            case 4: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.bool())
                        message.joining = value;
                    else
                        delete message.joining;
                    continue;
                }
            case 5: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.session = value;
                    else
                        delete message.session;
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
     * @property {boolean|null} [whole] welcome_t whole
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

    /**
     * welcome_t whole.
     * @member {boolean} whole
     * @memberof welcome_t
     * @instance
     */
    welcome_t.prototype.whole = false;

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
        if (message.whole != null && $Object.hasOwnProperty.call(message, "whole") && message.whole !== false)
            writer.uint32(/* id 5, wireType 0 =*/40).bool(message.whole);
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
            case 5: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.bool())
                        message.whole = value;
                    else
                        delete message.whole;
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
     * @property {number|null} [first_incomplete] update_t first_incomplete
     * @property {Uint8Array|null} [expected] update_t expected
     * @property {boolean|null} [not_applied] update_t not_applied
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
     * update_t first_incomplete.
     * @member {number} first_incomplete
     * @memberof update_t
     * @instance
     */
    update_t.prototype.first_incomplete = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * update_t expected.
     * @member {Uint8Array} expected
     * @memberof update_t
     * @instance
     */
    update_t.prototype.expected = $util.newBuffer([]);

    /**
     * update_t not_applied.
     * @member {boolean} not_applied
     * @memberof update_t
     * @instance
     */
    update_t.prototype.not_applied = false;

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
        if (message.first_incomplete != null && $Object.hasOwnProperty.call(message, "first_incomplete") && (typeof message.first_incomplete === "object" ? message.first_incomplete.low || message.first_incomplete.high : message.first_incomplete !== 0))
            writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.first_incomplete);
        if (message.expected != null && $Object.hasOwnProperty.call(message, "expected") && message.expected.length)
            writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.expected);
        if (message.not_applied != null && $Object.hasOwnProperty.call(message, "not_applied") && message.not_applied !== false)
            writer.uint32(/* id 10, wireType 0 =*/80).bool(message.not_applied);
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
            case 8: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.first_incomplete = value;
                    else
                        delete message.first_incomplete;
                    continue;
                }
            case 9: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.expected = value;
                    else
                        delete message.expected;
                    continue;
                }
            case 10: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.bool())
                        message.not_applied = value;
                    else
                        delete message.not_applied;
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
     * @property {number} OPEN=3 OPEN value
     * @property {number} PUT_IF_ABSENT=4 PUT_IF_ABSENT value
     * @property {number} PUT_IF_EQUALS=5 PUT_IF_EQUALS value
     */
    update_t.Op = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "NONE"] = 0;
        values[valuesById[1] = "PUT"] = 1;
        values[valuesById[2] = "DEL"] = 2;
        values[valuesById[3] = "OPEN"] = 3;
        values[valuesById[4] = "PUT_IF_ABSENT"] = 4;
        values[valuesById[5] = "PUT_IF_EQUALS"] = 5;
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

export const snapshot_t = $root.snapshot_t = (() => {

    /**
     * Properties of a snapshot_t.
     * @typedef {Object} snapshot_t.$Properties
     * @property {number|null} [seq] snapshot_t seq
     * @property {Array.<epoch_start_t.$Properties>|null} [epochs] snapshot_t epochs
     * @property {Array.<session_t.$Properties>|null} [sessions] snapshot_t sessions
     * @property {number|null} [sessions_seq] snapshot_t sessions_seq
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a snapshot_t.
     * @exports Isnapshot_t
     * @interface Isnapshot_t
     * @augments snapshot_t.$Properties
     * @deprecated Use snapshot_t.$Properties instead.
     */

    /**
     * Shape of a snapshot_t.
     * @typedef {snapshot_t.$Properties} snapshot_t.$Shape
     */

    /**
     * Constructs a new snapshot_t.
     * @exports snapshot_t
     * @classdesc Represents a snapshot_t.
     * @constructor
     * @param {snapshot_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const snapshot_t = function (properties) {
        this.epochs = [];
        this.sessions = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * snapshot_t seq.
     * @member {number} seq
     * @memberof snapshot_t
     * @instance
     */
    snapshot_t.prototype.seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * snapshot_t epochs.
     * @member {Array.<epoch_start_t.$Properties>} epochs
     * @memberof snapshot_t
     * @instance
     */
    snapshot_t.prototype.epochs = $util.emptyArray;

    /**
     * snapshot_t sessions.
     * @member {Array.<session_t.$Properties>} sessions
     * @memberof snapshot_t
     * @instance
     */
    snapshot_t.prototype.sessions = $util.emptyArray;

    /**
     * snapshot_t sessions_seq.
     * @member {number} sessions_seq
     * @memberof snapshot_t
     * @instance
     */
    snapshot_t.prototype.sessions_seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * Encodes the specified snapshot_t message. Does not implicitly {@link snapshot_t.verify|verify} messages.
     * @function encode
     * @memberof snapshot_t
     * @static
     * @param {snapshot_t.$Properties} message snapshot_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    snapshot_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
            writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.seq);
        if (message.epochs != null && message.epochs.length)
            for (let i = 0; i < message.epochs.length; ++i)
                $root.epoch_start_t.encode(message.epochs[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.sessions != null && message.sessions.length)
            for (let i = 0; i < message.sessions.length; ++i)
                $root.session_t.encode(message.sessions[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
        if (message.sessions_seq != null && $Object.hasOwnProperty.call(message, "sessions_seq") && (typeof message.sessions_seq === "object" ? message.sessions_seq.low || message.sessions_seq.high : message.sessions_seq !== 0))
            writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.sessions_seq);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified snapshot_t message, length delimited. Does not implicitly {@link snapshot_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof snapshot_t
     * @static
     * @param {snapshot_t.$Properties} message snapshot_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    snapshot_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a snapshot_t message from the specified reader or buffer.
     * @function decode
     * @memberof snapshot_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {snapshot_t & snapshot_t.$Shape} snapshot_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    snapshot_t.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.snapshot_t();
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
                    if (wireType !== 2)
                        break;
                    if (!(message.epochs && message.epochs.length))
                        message.epochs = [];
                    message.epochs.push($root.epoch_start_t.decode(reader, reader.size(), $undefined, _depth + 1));
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    if (!(message.sessions && message.sessions.length))
                        message.sessions = [];
                    message.sessions.push($root.session_t.decode(reader, reader.size(), $undefined, _depth + 1));
                    continue;
                }
            case 4: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.sessions_seq = value;
                    else
                        delete message.sessions_seq;
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
     * Decodes a snapshot_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof snapshot_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {snapshot_t & snapshot_t.$Shape} snapshot_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    snapshot_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return snapshot_t;
})();

export const epoch_start_t = $root.epoch_start_t = (() => {

    /**
     * Properties of an epoch_start_t.
     * @typedef {Object} epoch_start_t.$Properties
     * @property {number|null} [epoch] epoch_start_t epoch
     * @property {number|null} [seq] epoch_start_t seq
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an epoch_start_t.
     * @exports Iepoch_start_t
     * @interface Iepoch_start_t
     * @augments epoch_start_t.$Properties
     * @deprecated Use epoch_start_t.$Properties instead.
     */

    /**
     * Shape of an epoch_start_t.
     * @typedef {epoch_start_t.$Properties} epoch_start_t.$Shape
     */

    /**
     * Constructs a new epoch_start_t.
     * @exports epoch_start_t
     * @classdesc Represents an epoch_start_t.
     * @constructor
     * @param {epoch_start_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const epoch_start_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * epoch_start_t epoch.
     * @member {number} epoch
     * @memberof epoch_start_t
     * @instance
     */
    epoch_start_t.prototype.epoch = 0;

    /**
     * epoch_start_t seq.
     * @member {number} seq
     * @memberof epoch_start_t
     * @instance
     */
    epoch_start_t.prototype.seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * Encodes the specified epoch_start_t message. Does not implicitly {@link epoch_start_t.verify|verify} messages.
     * @function encode
     * @memberof epoch_start_t
     * @static
     * @param {epoch_start_t.$Properties} message epoch_start_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    epoch_start_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.epoch);
        if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
            writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.seq);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified epoch_start_t message, length delimited. Does not implicitly {@link epoch_start_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof epoch_start_t
     * @static
     * @param {epoch_start_t.$Properties} message epoch_start_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    epoch_start_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes an epoch_start_t message from the specified reader or buffer.
     * @function decode
     * @memberof epoch_start_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {epoch_start_t & epoch_start_t.$Shape} epoch_start_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    epoch_start_t.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.epoch_start_t();
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
                        message.epoch = value;
                    else
                        delete message.epoch;
                    continue;
                }
            case 2: {
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
     * Decodes an epoch_start_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof epoch_start_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {epoch_start_t & epoch_start_t.$Shape} epoch_start_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    epoch_start_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return epoch_start_t;
})();

export const session_t = $root.session_t = (() => {

    /**
     * Properties of a session_t.
     * @typedef {Object} session_t.$Properties
     * @property {string|null} [client] session_t client
     * @property {number|null} [first_incomplete] session_t first_incomplete
     * @property {Array.<number>|null} [requests] session_t requests
     * @property {Array.<number>|null} [seqs] session_t seqs
     * @property {Array.<number>|null} [epochs] session_t epochs
     * @property {Array.<number>|null} [digests] session_t digests
     * @property {Uint8Array|null} [applied] session_t applied
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a session_t.
     * @exports Isession_t
     * @interface Isession_t
     * @augments session_t.$Properties
     * @deprecated Use session_t.$Properties instead.
     */

    /**
     * Shape of a session_t.
     * @typedef {session_t.$Properties} session_t.$Shape
     */

    /**
     * Constructs a new session_t.
     * @exports session_t
     * @classdesc Represents a session_t.
     * @constructor
     * @param {session_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const session_t = function (properties) {
        this.requests = [];
        this.seqs = [];
        this.epochs = [];
        this.digests = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * session_t client.
     * @member {string} client
     * @memberof session_t
     * @instance
     */
    session_t.prototype.client = "";

    /**
     * session_t first_incomplete.
     * @member {number} first_incomplete
     * @memberof session_t
     * @instance
     */
    session_t.prototype.first_incomplete = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * session_t requests.
     * @member {Array.<number>} requests
     * @memberof session_t
     * @instance
     */
    session_t.prototype.requests = $util.emptyArray;

    /**
     * session_t seqs.
     * @member {Array.<number>} seqs
     * @memberof session_t
     * @instance
     */
    session_t.prototype.seqs = $util.emptyArray;

    /**
     * session_t epochs.
     * @member {Array.<number>} epochs
     * @memberof session_t
     * @instance
     */
    session_t.prototype.epochs = $util.emptyArray;

    /**
     * session_t digests.
     * @member {Array.<number>} digests
     * @memberof session_t
     * @instance
     */
    session_t.prototype.digests = $util.emptyArray;

    /**
     * session_t applied.
     * @member {Uint8Array} applied
     * @memberof session_t
     * @instance
     */
    session_t.prototype.applied = $util.newBuffer([]);

    /**
     * Encodes the specified session_t message. Does not implicitly {@link session_t.verify|verify} messages.
     * @function encode
     * @memberof session_t
     * @static
     * @param {session_t.$Properties} message session_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    session_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.client != null && $Object.hasOwnProperty.call(message, "client") && message.client !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.client);
        if (message.first_incomplete != null && $Object.hasOwnProperty.call(message, "first_incomplete") && (typeof message.first_incomplete === "object" ? message.first_incomplete.low || message.first_incomplete.high : message.first_incomplete !== 0))
            writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.first_incomplete);
        if (message.requests != null && message.requests.length)
            writer.uint32(/* id 3, wireType 2 =*/26).uint64s(message.requests);
        if (message.seqs != null && message.seqs.length)
            writer.uint32(/* id 4, wireType 2 =*/34).uint64s(message.seqs);
        if (message.epochs != null && message.epochs.length)
            writer.uint32(/* id 5, wireType 2 =*/42).uint32s(message.epochs);
        if (message.digests != null && message.digests.length)
            writer.uint32(/* id 6, wireType 2 =*/50).uint32s(message.digests);
        if (message.applied != null && $Object.hasOwnProperty.call(message, "applied") && message.applied.length)
            writer.uint32(/* id 7, wireType 2 =*/58).bytes(message.applied);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified session_t message, length delimited. Does not implicitly {@link session_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof session_t
     * @static
     * @param {session_t.$Properties} message session_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    session_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a session_t message from the specified reader or buffer.
     * @function decode
     * @memberof session_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {session_t & session_t.$Shape} session_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    session_t.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.session_t();
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
                        message.client = value;
                    else
                        delete message.client;
                    continue;
                }
            case 2: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.first_incomplete = value;
                    else
                        delete message.first_incomplete;
                    continue;
                }
            case 3: {
                    if (wireType === 2) {
                        if (!(message.requests && message.requests.length))
                            message.requests = [];
                        reader.uint64s(message.requests);
                        continue;
                    }
                    if (wireType !== 0)
                        break;
                    if (!(message.requests && message.requests.length))
                        message.requests = [];
                    message.requests.push(reader.uint64());
                    continue;
                }
            case 4: {
                    if (wireType === 2) {
                        if (!(message.seqs && message.seqs.length))
                            message.seqs = [];
                        reader.uint64s(message.seqs);
                        continue;
                    }
                    if (wireType !== 0)
                        break;
                    if (!(message.seqs && message.seqs.length))
                        message.seqs = [];
                    message.seqs.push(reader.uint64());
                    continue;
                }
            case 5: {
                    if (wireType === 2) {
                        if (!(message.epochs && message.epochs.length))
                            message.epochs = [];
                        reader.uint32s(message.epochs);
                        continue;
                    }
                    if (wireType !== 0)
                        break;
                    if (!(message.epochs && message.epochs.length))
                        message.epochs = [];
                    message.epochs.push(reader.uint32());
                    continue;
                }
            case 6: {
                    if (wireType === 2) {
                        if (!(message.digests && message.digests.length))
                            message.digests = [];
                        reader.uint32s(message.digests);
                        continue;
                    }
                    if (wireType !== 0)
                        break;
                    if (!(message.digests && message.digests.length))
                        message.digests = [];
                    message.digests.push(reader.uint32());
                    continue;
                }
            case 7: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.applied = value;
                    else
                        delete message.applied;
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
     * Decodes a session_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof session_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {session_t & session_t.$Shape} session_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    session_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return session_t;
})();

export const chunk_t = $root.chunk_t = (() => {

    /**
     * Properties of a chunk_t.
     * @typedef {Object} chunk_t.$Properties
     * @property {Uint8Array|null} [entries] chunk_t entries
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a chunk_t.
     * @exports Ichunk_t
     * @interface Ichunk_t
     * @augments chunk_t.$Properties
     * @deprecated Use chunk_t.$Properties instead.
     */

    /**
     * Shape of a chunk_t.
     * @typedef {chunk_t.$Properties} chunk_t.$Shape
     */

    /**
     * Constructs a new chunk_t.
     * @exports chunk_t
     * @classdesc Represents a chunk_t.
     * @constructor
     * @param {chunk_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const chunk_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * chunk_t entries.
     * @member {Uint8Array} entries
     * @memberof chunk_t
     * @instance
     */
    chunk_t.prototype.entries = $util.newBuffer([]);

    /**
     * Encodes the specified chunk_t message. Does not implicitly {@link chunk_t.verify|verify} messages.
     * @function encode
     * @memberof chunk_t
     * @static
     * @param {chunk_t.$Properties} message chunk_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    chunk_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.entries != null && $Object.hasOwnProperty.call(message, "entries") && message.entries.length)
            writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.entries);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified chunk_t message, length delimited. Does not implicitly {@link chunk_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof chunk_t
     * @static
     * @param {chunk_t.$Properties} message chunk_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    chunk_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a chunk_t message from the specified reader or buffer.
     * @function decode
     * @memberof chunk_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {chunk_t & chunk_t.$Shape} chunk_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    chunk_t.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.chunk_t();
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
                    if ((value = reader.bytes()).length)
                        message.entries = value;
                    else
                        delete message.entries;
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
     * Decodes a chunk_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof chunk_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {chunk_t & chunk_t.$Shape} chunk_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    chunk_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return chunk_t;
})();

export const invite_t = $root.invite_t = (() => {

    /**
     * Properties of an invite_t.
     * @typedef {Object} invite_t.$Properties
     * @property {number|null} [seq] invite_t seq
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an invite_t.
     * @exports Iinvite_t
     * @interface Iinvite_t
     * @augments invite_t.$Properties
     * @deprecated Use invite_t.$Properties instead.
     */

    /**
     * Shape of an invite_t.
     * @typedef {invite_t.$Properties} invite_t.$Shape
     */

    /**
     * Constructs a new invite_t.
     * @exports invite_t
     * @classdesc Represents an invite_t.
     * @constructor
     * @param {invite_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const invite_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * invite_t seq.
     * @member {number} seq
     * @memberof invite_t
     * @instance
     */
    invite_t.prototype.seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * Encodes the specified invite_t message. Does not implicitly {@link invite_t.verify|verify} messages.
     * @function encode
     * @memberof invite_t
     * @static
     * @param {invite_t.$Properties} message invite_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    invite_t.encode = function (message, writer, _depth) {
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
     * Encodes the specified invite_t message, length delimited. Does not implicitly {@link invite_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof invite_t
     * @static
     * @param {invite_t.$Properties} message invite_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    invite_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes an invite_t message from the specified reader or buffer.
     * @function decode
     * @memberof invite_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {invite_t & invite_t.$Shape} invite_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    invite_t.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.invite_t();
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
     * Decodes an invite_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof invite_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {invite_t & invite_t.$Shape} invite_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    invite_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return invite_t;
})();

export const progress_t = $root.progress_t = (() => {

    /**
     * Properties of a progress_t.
     * @typedef {Object} progress_t.$Properties
     * @property {number|null} [executed] progress_t executed
     * @property {number|null} [chunks] progress_t chunks
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a progress_t.
     * @exports Iprogress_t
     * @interface Iprogress_t
     * @augments progress_t.$Properties
     * @deprecated Use progress_t.$Properties instead.
     */

    /**
     * Shape of a progress_t.
     * @typedef {progress_t.$Properties} progress_t.$Shape
     */

    /**
     * Constructs a new progress_t.
     * @exports progress_t
     * @classdesc Represents a progress_t.
     * @constructor
     * @param {progress_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const progress_t = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * progress_t executed.
     * @member {number} executed
     * @memberof progress_t
     * @instance
     */
    progress_t.prototype.executed = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * progress_t chunks.
     * @member {number} chunks
     * @memberof progress_t
     * @instance
     */
    progress_t.prototype.chunks = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * Encodes the specified progress_t message. Does not implicitly {@link progress_t.verify|verify} messages.
     * @function encode
     * @memberof progress_t
     * @static
     * @param {progress_t.$Properties} message progress_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    progress_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.executed != null && $Object.hasOwnProperty.call(message, "executed") && (typeof message.executed === "object" ? message.executed.low || message.executed.high : message.executed !== 0))
            writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.executed);
        if (message.chunks != null && $Object.hasOwnProperty.call(message, "chunks") && (typeof message.chunks === "object" ? message.chunks.low || message.chunks.high : message.chunks !== 0))
            writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.chunks);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Encodes the specified progress_t message, length delimited. Does not implicitly {@link progress_t.verify|verify} messages.
     * @function encodeDelimited
     * @memberof progress_t
     * @static
     * @param {progress_t.$Properties} message progress_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    progress_t.encodeDelimited = function(message, writer) {
        return this.encode(message, (writer || $Writer.create()).fork()).ldelim();
    };

    /**
     * Decodes a progress_t message from the specified reader or buffer.
     * @function decode
     * @memberof progress_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {progress_t & progress_t.$Shape} progress_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    progress_t.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.progress_t();
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
                        message.executed = value;
                    else
                        delete message.executed;
                    continue;
                }
            case 2: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.chunks = value;
                    else
                        delete message.chunks;
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
     * Decodes a progress_t message from the specified reader or buffer, length delimited.
     * @function decodeDelimited
     * @memberof progress_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @returns {progress_t & progress_t.$Shape} progress_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    progress_t.decodeDelimited = function(reader) {
        if (!(reader instanceof $Reader))
            reader = new $Reader(reader);
        return this.decode(reader, reader.size());
    };

    return progress_t;
})();

export {
  $root as default
};
