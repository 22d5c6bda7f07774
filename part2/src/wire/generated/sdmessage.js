/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const message_t = $root.message_t = (() => {

    /**
     * Properties of a message_t.
     * @typedef {Object} message_t.$Properties
     * @property {message_t.Opcode|null} [opcode] message_t opcode
     * @property {message_t.C_type|null} [c_type] message_t c_type
     * @property {string|null} [key] message_t key
     * @property {Uint8Array|null} [data] message_t data
     * @property {number|null} [result] message_t result
     * @property {Array.<string>|null} [keys] message_t keys
     * @property {number|null} [epoch] message_t epoch
     * @property {string|null} [client] message_t client
     * @property {number|null} [request] message_t request
     * @property {number|null} [first_incomplete] message_t first_incomplete
     * @property {message_t.Ack|null} [ack] message_t ack
     * @property {message_t.ErrorCode|null} [error] message_t error
     * @property {string|null} [detail] message_t detail
     * @property {boolean|null} [found] message_t found
     * @property {number|null} [sequence] message_t sequence
     * @property {number|null} [from] message_t from
     * @property {number|null} [limit] message_t limit
     * @property {number|null} [next] message_t next
     * @property {string|null} [server] message_t server
     * @property {Uint8Array|null} [expected] message_t expected
     * @property {message_t.Outcome|null} [outcome] message_t outcome
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a message_t.
     * @exports Imessage_t
     * @interface Imessage_t
     * @augments message_t.$Properties
     * @deprecated Use message_t.$Properties instead.
     */

    /**
     * Shape of a message_t.
     * @typedef {message_t.$Properties} message_t.$Shape
     */

    /**
     * Constructs a new message_t.
     * @exports message_t
     * @classdesc Represents a message_t.
     * @constructor
     * @param {message_t.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const message_t = function (properties) {
        this.keys = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * message_t opcode.
     * @member {message_t.Opcode} opcode
     * @memberof message_t
     * @instance
     */
    message_t.prototype.opcode = 0;

    /**
     * message_t c_type.
     * @member {message_t.C_type} c_type
     * @memberof message_t
     * @instance
     */
    message_t.prototype.c_type = 0;

    /**
     * message_t key.
     * @member {string} key
     * @memberof message_t
     * @instance
     */
    message_t.prototype.key = "";

    /**
     * message_t data.
     * @member {Uint8Array} data
     * @memberof message_t
     * @instance
     */
    message_t.prototype.data = $util.newBuffer([]);

    /**
     * message_t result.
     * @member {number} result
     * @memberof message_t
     * @instance
     */
    message_t.prototype.result = 0;

    /**
     * message_t keys.
     * @member {Array.<string>} keys
     * @memberof message_t
     * @instance
     */
    message_t.prototype.keys = $util.emptyArray;

    /**
     * message_t epoch.
     * @member {number} epoch
     * @memberof message_t
     * @instance
     */
    message_t.prototype.epoch = 0;

    /**
     * message_t client.
     * @member {string} client
     * @memberof message_t
     * @instance
     */
    message_t.prototype.client = "";

    /**
     * message_t request.
     * @member {number} request
     * @memberof message_t
     * @instance
     */
    message_t.prototype.request = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * message_t first_incomplete.
     * @member {number} first_incomplete
     * @memberof message_t
     * @instance
     */
    message_t.prototype.first_incomplete = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * message_t ack.
     * @member {message_t.Ack} ack
     * @memberof message_t
     * @instance
     */
    message_t.prototype.ack = 0;

    /**
     * message_t error.
     * @member {message_t.ErrorCode} error
     * @memberof message_t
     * @instance
     */
    message_t.prototype.error = 0;

    /**
     * message_t detail.
     * @member {string} detail
     * @memberof message_t
     * @instance
     */
    message_t.prototype.detail = "";

    /**
     * message_t found.
     * @member {boolean} found
     * @memberof message_t
     * @instance
     */
    message_t.prototype.found = false;

    /**
     * message_t sequence.
     * @member {number} sequence
     * @memberof message_t
     * @instance
     */
    message_t.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * message_t from.
     * @member {number} from
     * @memberof message_t
     * @instance
     */
    message_t.prototype.from = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * message_t limit.
     * @member {number} limit
     * @memberof message_t
     * @instance
     */
    message_t.prototype.limit = 0;

    /**
     * message_t next.
     * @member {number} next
     * @memberof message_t
     * @instance
     */
    message_t.prototype.next = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

    /**
     * message_t server.
     * @member {string} server
     * @memberof message_t
     * @instance
     */
    message_t.prototype.server = "";

    /**
     * message_t expected.
     * @member {Uint8Array} expected
     * @memberof message_t
     * @instance
     */
    message_t.prototype.expected = $util.newBuffer([]);

    /**
     * message_t outcome.
     * @member {message_t.Outcome} outcome
     * @memberof message_t
     * @instance
     */
    message_t.prototype.outcome = 0;

    /**
     * Encodes the specified message_t message. Does not implicitly {@link message_t.verify|verify} messages.
     * @function encode
     * @memberof message_t
     * @static
     * @param {message_t.$Properties} message message_t message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    message_t.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.opcode != null && $Object.hasOwnProperty.call(message, "opcode") && message.opcode !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).int32(message.opcode);
        if (message.c_type != null && $Object.hasOwnProperty.call(message, "c_type") && message.c_type !== 0)
            writer.uint32(/* id 2, wireType 0 =*/16).int32(message.c_type);
        if (message.key != null && $Object.hasOwnProperty.call(message, "key") && message.key !== "")
            writer.uint32(/* id 3, wireType 2 =*/26).string(message.key);
        if (message.data != null && $Object.hasOwnProperty.call(message, "data") && message.data.length)
            writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.data);
        if (message.result != null && $Object.hasOwnProperty.call(message, "result") && message.result !== 0)
            writer.uint32(/* id 6, wireType 0 =*/48).sint32(message.result);
        if (message.keys != null && message.keys.length)
            for (let i = 0; i < message.keys.length; ++i)
                writer.uint32(/* id 7, wireType 2 =*/58).string(message.keys[i]);
        if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== 0)
            writer.uint32(/* id 8, wireType 0 =*/64).uint32(message.epoch);
        if (message.client != null && $Object.hasOwnProperty.call(message, "client") && message.client !== "")
            writer.uint32(/* id 9, wireType 2 =*/74).string(message.client);
        if (message.request != null && $Object.hasOwnProperty.call(message, "request") && (typeof message.request === "object" ? message.request.low || message.request.high : message.request !== 0))
            writer.uint32(/* id 10, wireType 0 =*/80).uint64(message.request);
        if (message.first_incomplete != null && $Object.hasOwnProperty.call(message, "first_incomplete") && (typeof message.first_incomplete === "object" ? message.first_incomplete.low || message.first_incomplete.high : message.first_incomplete !== 0))
            writer.uint32(/* id 11, wireType 0 =*/88).uint64(message.first_incomplete);
        if (message.ack != null && $Object.hasOwnProperty.call(message, "ack") && message.ack !== 0)
            writer.uint32(/* id 12, wireType 0 =*/96).int32(message.ack);
        if (message.error != null && $Object.hasOwnProperty.call(message, "error") && message.error !== 0)
            writer.uint32(/* id 13, wireType 0 =*/104).int32(message.error);
        if (message.detail != null && $Object.hasOwnProperty.call(message, "detail") && message.detail !== "")
            writer.uint32(/* id 14, wireType 2 =*/114).string(message.detail);
        if (message.found != null && $Object.hasOwnProperty.call(message, "found") && message.found !== false)
            writer.uint32(/* id 15, wireType 0 =*/120).bool(message.found);
        if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
            writer.uint32(/* id 16, wireType 0 =*/128).uint64(message.sequence);
        if (message.from != null && $Object.hasOwnProperty.call(message, "from") && (typeof message.from === "object" ? message.from.low || message.from.high : message.from !== 0))
            writer.uint32(/* id 17, wireType 0 =*/136).uint64(message.from);
        if (message.limit != null && $Object.hasOwnProperty.call(message, "limit") && message.limit !== 0)
            writer.uint32(/* id 18, wireType 0 =*/144).uint32(message.limit);
        if (message.next != null && $Object.hasOwnProperty.call(message, "next") && (typeof message.next === "object" ? message.next.low || message.next.high : message.next !== 0))
            writer.uint32(/* id 19, wireType 0 =*/152).uint64(message.next);
        if (message.server != null && $Object.hasOwnProperty.call(message, "server") && message.server !== "")
            writer.uint32(/* id 20, wireType 2 =*/162).string(message.server);
        if (message.expected != null && $Object.hasOwnProperty.call(message, "expected") && message.expected.length)
            writer.uint32(/* id 21, wireType 2 =*/170).bytes(message.expected);
        if (message.outcome != null && $Object.hasOwnProperty.call(message, "outcome") && message.outcome !== 0)
            writer.uint32(/* id 22, wireType 0 =*/176).int32(message.outcome);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a message_t message from the specified reader or buffer.
     * @function decode
     * @memberof message_t
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {message_t & message_t.$Shape} message_t
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    message_t.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.message_t();
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
                    if (value = reader.int32())
                        message.opcode = value;
                    else
                        delete message.opcode;
                    continue;
                }
            case 2: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.int32())
                        message.c_type = value;
                    else
                        delete message.c_type;
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.key = value;
                    else
                        delete message.key;
                    continue;
                }
            case 5: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.data = value;
                    else
                        delete message.data;
                    continue;
                }
            case 6: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.sint32())
                        message.result = value;
                    else
                        delete message.result;
                    continue;
                }
            case 7: {
                    if (wireType !== 2)
                        break;
                    if (!(message.keys && message.keys.length))
                        message.keys = [];
                    message.keys.push(reader.stringVerify());
                    continue;
                }
            case 8: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.epoch = value;
                    else
                        delete message.epoch;
                    continue;
                }
            case 9: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.client = value;
                    else
                        delete message.client;
                    continue;
                }
            case 10: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.request = value;
                    else
                        delete message.request;
                    continue;
                }
            case 11: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.first_incomplete = value;
                    else
                        delete message.first_incomplete;
                    continue;
                }
            case 12: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.int32())
                        message.ack = value;
                    else
                        delete message.ack;
                    continue;
                }
            case 13: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.int32())
                        message.error = value;
                    else
                        delete message.error;
                    continue;
                }
            case 14: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.detail = value;
                    else
                        delete message.detail;
                    continue;
                }
            case 15: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.bool())
                        message.found = value;
                    else
                        delete message.found;
                    continue;
                }
            case 16: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.sequence = value;
                    else
                        delete message.sequence;
                    continue;
                }
            case 17: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.from = value;
                    else
                        delete message.from;
                    continue;
                }
            case 18: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.limit = value;
                    else
                        delete message.limit;
                    continue;
                }
            case 19: {
                    if (wireType !== 0)
                        break;
                    if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                        message.next = value;
                    else
                        delete message.next;
                    continue;
                }
            case 20: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.server = value;
                    else
                        delete message.server;
                    continue;
                }
            case 21: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.expected = value;
                    else
                        delete message.expected;
                    continue;
                }
            case 22: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.int32())
                        message.outcome = value;
                    else
                        delete message.outcome;
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
     * Opcode enum.
     * @name message_t.Opcode
     * @enum {number}
     * @property {number} OP_BAD=0 OP_BAD value
     * @property {number} OP_SIZE=10 OP_SIZE value
     * @property {number} OP_DEL=20 OP_DEL value
     * @property {number} OP_GET=30 OP_GET value
     * @property {number} OP_PUT=40 OP_PUT value
     * @property {number} OP_GETKEYS=50 OP_GETKEYS value
     * @property {number} OP_VERIFY=60 OP_VERIFY value
     * @property {number} OP_OPEN=70 OP_OPEN value
     * @property {number} OP_SCAN=80 OP_SCAN value
     * @property {number} OP_STATUS=84 OP_STATUS value
     * @property {number} OP_DUMP=86 OP_DUMP value
     * @property {number} OP_HAS=90 OP_HAS value
     * @property {number} OP_PUTIFABSENT=92 OP_PUTIFABSENT value
     * @property {number} OP_PUTIFEQUALS=94 OP_PUTIFEQUALS value
     * @property {number} OP_ERROR=99 OP_ERROR value
     */
    message_t.Opcode = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "OP_BAD"] = 0;
        values[valuesById[10] = "OP_SIZE"] = 10;
        values[valuesById[20] = "OP_DEL"] = 20;
        values[valuesById[30] = "OP_GET"] = 30;
        values[valuesById[40] = "OP_PUT"] = 40;
        values[valuesById[50] = "OP_GETKEYS"] = 50;
        values[valuesById[60] = "OP_VERIFY"] = 60;
        values[valuesById[70] = "OP_OPEN"] = 70;
        values[valuesById[80] = "OP_SCAN"] = 80;
        values[valuesById[84] = "OP_STATUS"] = 84;
        values[valuesById[86] = "OP_DUMP"] = 86;
        values[valuesById[90] = "OP_HAS"] = 90;
        values[valuesById[92] = "OP_PUTIFABSENT"] = 92;
        values[valuesById[94] = "OP_PUTIFEQUALS"] = 94;
        values[valuesById[99] = "OP_ERROR"] = 99;
        return values;
    })();

    /**
     * C_type enum.
     * @name message_t.C_type
     * @enum {number}
     * @property {number} CT_BAD=0 CT_BAD value
     * @property {number} CT_KEY=10 CT_KEY value
     * @property {number} CT_VALUE=20 CT_VALUE value
     * @property {number} CT_ENTRY=30 CT_ENTRY value
     * @property {number} CT_KEYS=40 CT_KEYS value
     * @property {number} CT_RESULT=50 CT_RESULT value
     * @property {number} CT_NONE=60 CT_NONE value
     */
    message_t.C_type = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "CT_BAD"] = 0;
        values[valuesById[10] = "CT_KEY"] = 10;
        values[valuesById[20] = "CT_VALUE"] = 20;
        values[valuesById[30] = "CT_ENTRY"] = 30;
        values[valuesById[40] = "CT_KEYS"] = 40;
        values[valuesById[50] = "CT_RESULT"] = 50;
        values[valuesById[60] = "CT_NONE"] = 60;
        return values;
    })();

    /**
     * Outcome enum.
     * @name message_t.Outcome
     * @enum {number}
     * @property {number} UNKNOWN=0 UNKNOWN value
     * @property {number} APPLIED=1 APPLIED value
     * @property {number} NOT_APPLIED=2 NOT_APPLIED value
     */
    message_t.Outcome = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "UNKNOWN"] = 0;
        values[valuesById[1] = "APPLIED"] = 1;
        values[valuesById[2] = "NOT_APPLIED"] = 2;
        return values;
    })();

    /**
     * Ack enum.
     * @name message_t.Ack
     * @enum {number}
     * @property {number} ASSIGNED=0 ASSIGNED value
     * @property {number} COMMITTED=1 COMMITTED value
     */
    message_t.Ack = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "ASSIGNED"] = 0;
        values[valuesById[1] = "COMMITTED"] = 1;
        return values;
    })();

    /**
     * ErrorCode enum.
     * @name message_t.ErrorCode
     * @enum {number}
     * @property {number} NONE=0 NONE value
     * @property {number} BAD_REQUEST=1 BAD_REQUEST value
     * @property {number} TOO_LARGE=2 TOO_LARGE value
     * @property {number} NOT_HEAD=3 NOT_HEAD value
     * @property {number} NOT_TAIL=4 NOT_TAIL value
     * @property {number} NOT_READY=5 NOT_READY value
     * @property {number} BUSY=6 BUSY value
     * @property {number} SHUTTING_DOWN=7 SHUTTING_DOWN value
     * @property {number} LOST=8 LOST value
     * @property {number} INTERNAL=9 INTERNAL value
     * @property {number} KEY_ABSENT=10 KEY_ABSENT value
     * @property {number} UNCERTAIN=11 UNCERTAIN value
     * @property {number} FULL=12 FULL value
     * @property {number} DISK_FULL=13 DISK_FULL value
     */
    message_t.ErrorCode = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "NONE"] = 0;
        values[valuesById[1] = "BAD_REQUEST"] = 1;
        values[valuesById[2] = "TOO_LARGE"] = 2;
        values[valuesById[3] = "NOT_HEAD"] = 3;
        values[valuesById[4] = "NOT_TAIL"] = 4;
        values[valuesById[5] = "NOT_READY"] = 5;
        values[valuesById[6] = "BUSY"] = 6;
        values[valuesById[7] = "SHUTTING_DOWN"] = 7;
        values[valuesById[8] = "LOST"] = 8;
        values[valuesById[9] = "INTERNAL"] = 9;
        values[valuesById[10] = "KEY_ABSENT"] = 10;
        values[valuesById[11] = "UNCERTAIN"] = 11;
        values[valuesById[12] = "FULL"] = 12;
        values[valuesById[13] = "DISK_FULL"] = 13;
        return values;
    })();

    return message_t;
})();

export {
  $root as default
};
