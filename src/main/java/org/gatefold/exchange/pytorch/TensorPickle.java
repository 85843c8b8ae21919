package org.gatefold.exchange.pytorch;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;
import org.gatefold.file.FileException;

/**
 * Reads a pickle of tensors: dictionaries, lists, tuples, numbers, texts, and the few functions of PyTorch's that put tensors together,
 * each of which is done here. Any other function or class, and any opcode that such a pickle has no need of, is refused by name; nothing of a
 * pickle is ever looked up among classes, nor in the library's list of constructors. For one pickle, one thread.
 */
final class TensorPickle extends Unpickler {
    /** What a pickle of tensors is made of. */
    private static final Set<Short> OPCODES = Set.of(
            Opcodes.MARK,
            Opcodes.STOP,
            Opcodes.POP,
            Opcodes.POP_MARK,
            Opcodes.BINFLOAT,
            Opcodes.BININT,
            Opcodes.BININT1,
            Opcodes.BININT2,
            Opcodes.LONG1,
            Opcodes.NONE,
            Opcodes.NEWTRUE,
            Opcodes.NEWFALSE,
            Opcodes.BINUNICODE,
            Opcodes.SHORT_BINUNICODE,
            Opcodes.SHORT_BINSTRING,
            Opcodes.BINGET,
            Opcodes.LONG_BINGET,
            Opcodes.BINPUT,
            Opcodes.LONG_BINPUT,
            Opcodes.MEMOIZE,
            Opcodes.PROTO,
            Opcodes.FRAME,
            Opcodes.EMPTY_TUPLE,
            Opcodes.TUPLE,
            Opcodes.TUPLE1,
            Opcodes.TUPLE2,
            Opcodes.TUPLE3,
            Opcodes.EMPTY_LIST,
            Opcodes.APPEND,
            Opcodes.APPENDS,
            Opcodes.EMPTY_DICT,
            Opcodes.SETITEM,
            Opcodes.SETITEMS,
            Opcodes.GLOBAL,
            Opcodes.STACK_GLOBAL,
            Opcodes.REDUCE,
            Opcodes.NEWOBJ,
            Opcodes.BUILD,
            Opcodes.BINPERSID);

    /**
     * What checkpoints hold beside tensors, such as the options of a program. Of each a dictionary is made, empty or of what the pickle puts
     * into it; nothing else is done.
     */
    private static final Set<String> PASSED_OVER = Set.of(
            "argparse.Namespace",
            "types.SimpleNamespace",
            "collections.defaultdict",
            "collections.Counter",
            "_codecs.encode",
            "numpy.core.multiarray.scalar",
            "numpy.core.multiarray._reconstruct",
            "numpy._core.multiarray.scalar",
            "numpy._core.multiarray._reconstruct",
            "numpy.ndarray",
            "numpy.dtype",
            "torch.device",
            "pathlib.PosixPath",
            "__builtin__.list",
            "__builtin__.dict",
            "__builtin__.int",
            "__builtin__.float",
            "__builtin__.set",
            "builtins.list",
            "builtins.dict",
            "builtins.int",
            "builtins.float",
            "builtins.set");

    private static final Object NOTHING = NO_RETURN_VALUE;

    private final String source;
    private final boolean script;
    private final ByteArrayInputStream bytes;

    /** A storage within the archive. */
    record Storage(TorchType type, String key, long elements) {}

    /** A tensor as a view of a storage. */
    record View(TorchType type, Storage storage, long offset, List<Long> shape, List<Long> strides) {}

    /** A function or class by name: what it makes of arguments, or itself if it is a type. */
    private record Global(String name, IObjectConstructor maker, TorchType type) implements IObjectConstructor {
        @Override
        public Object construct(Object[] arguments) {
            if (maker == null) {
                throw new PickleException("'" + name + "' is no function");
            }
            return maker.construct(arguments);
        }
    }

    /**
     * @param source names the pickle in messages
     * @param script whether it is of a TorchScript archive, whose objects are read as dictionaries of their attributes
     */
    TensorPickle(String source, boolean script, byte[] pickle) {
        this.source = source;
        this.script = script;
        this.bytes = new ByteArrayInputStream(pickle);
    }

    /**
     * What the pickle holds: maps with texts or numbers as keys, lists, {@code Object[]} for tuples, numbers, texts, {@link View}.
     *
     * @throws FileException naming the function, class or opcode that a pickle of tensors does not have
     */
    Object read() {
        try {
            return load(bytes);
        } catch (PickleException | IOException e) {
            throw new FileException(source, "", "is damaged, or no pickle of tensors: " + FileException.reason(e), e);
        } catch (RuntimeException e) {
            if (e instanceof FileException) {
                throw e;
            }
            // The library takes for granted that the stack holds what opcodes want.
            throw new FileException(source, "", "is damaged: its opcodes do not fit each other", e);
        }
    }

    @Override
    protected Object dispatch(short opcode) throws IOException {
        if (!OPCODES.contains(opcode)) {
            throw refused("has the opcode 0x" + Integer.toHexString(opcode));
        }
        if (opcode == Opcodes.BINUNICODE) {
            requireText();
        } else if (opcode == Opcodes.GLOBAL) {
            String module = PickleUtils.readline(input);
            stack.add(global(module, PickleUtils.readline(input)));
            return NOTHING;
        } else if (opcode == Opcodes.STACK_GLOBAL) {
            String name = (String) stack.pop();
            stack.add(global((String) stack.pop(), name));
            return NOTHING;
        } else if (opcode == Opcodes.EMPTY_DICT) {
            stack.add(new LinkedHashMap<>());
            return NOTHING;
        } else if (opcode == Opcodes.SETITEM) {
            Object value = stack.pop();
            Object key = stack.pop();
            put(stack.peek(), key, value);
            return NOTHING;
        } else if (opcode == Opcodes.SETITEMS) {
            List<Object> items = stack.pop_all_since_marker();
            for (int i = 0; i + 1 < items.size(); i += 2) {
                put(stack.peek(), items.get(i), items.get(i + 1));
            }
            return NOTHING;
        } else if (opcode == Opcodes.BUILD) {
            build();
            return NOTHING;
        }
        return super.dispatch(opcode);
    }

    /** A text is not longer than what is left; the library takes its memory before it reads. */
    private void requireText() throws IOException {
        bytes.mark(Integer.BYTES);
        long length = PickleUtils.bytes_to_uint(PickleUtils.readbytes(bytes, Integer.BYTES), 0);
        if (length > bytes.available()) {
            throw refused("has a text of " + length + " bytes, and " + bytes.available() + " bytes left");
        }
        bytes.reset();
    }

    /** Keys are texts and numbers alone: what else could be one takes any time to be compared. */
    private void put(Object target, Object key, Object value) {
        if (!(key instanceof String || key instanceof Number)) {
            throw refused("has a key that is neither text nor number");
        }
        @SuppressWarnings("unchecked")
        Map<Object, Object> map = (Map<Object, Object>) target;
        map.put(key, value);
    }

    /** Attributes of a script's object; those of a dictionary, such as the versions of a module, play no part. */
    private void build() {
        Object state = stack.pop();
        if (stack.peek() instanceof ScriptObject object && state instanceof Map<?, ?> attributes) {
            attributes.forEach((key, value) -> put(object, key, value));
        } else if (!(stack.peek() instanceof Map)) {
            throw refused("sets the state of something that is no dictionary");
        }
    }

    /** The attributes of an object of a script. */
    private static final class ScriptObject extends LinkedHashMap<Object, Object> {
        private static final long serialVersionUID = 1L;
    }

    private Global global(String module, String name) {
        String full = module + "." + name;
        IObjectConstructor maker =
                switch (full) {
                    case "collections.OrderedDict" -> arguments -> ordered(arguments);
                    case "torch._utils._rebuild_tensor_v2" -> this::tensor;
                    case "torch._utils._rebuild_tensor_v3" -> this::tensorOfType;
                    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
                        arguments -> arguments[0];
                    case "torch.Size" -> arguments -> arguments[0];
                    default -> null;
                };
        if (maker != null) {
            return new Global(full, maker, null);
        }
        if (PASSED_OVER.contains(full)) {
            return new Global(full, arguments -> new LinkedHashMap<>(), null);
        }
        TorchType type = module.equals("torch") || module.equals("torch.storage") ? TorchType.named(name) : null;
        if (type != null) {
            return new Global(full, null, type);
        }
        if (script && module.startsWith("__torch__")) {
            return new Global(full, arguments -> new ScriptObject(), null);
        }
        if (script && module.equals("torch.jit._pickle")) {
            return new Global(full, arguments -> arguments[0], null);
        }
        throw refused("asks for '" + full + "'");
    }

    private FileException refused(String what) {
        return new FileException(
                source,
                "",
                what
                        + ", which no state dict has; nothing of it was run. Save tensors alone: torch.save(model.state_dict(), FILE)",
                null);
    }

    private static Map<Object, Object> ordered(Object[] arguments) {
        if (arguments.length != 0) {
            throw new PickleException("an OrderedDict with arguments");
        }
        return new LinkedHashMap<>();
    }

    /** {@code ('storage', type, key, place, elements)}. */
    @Override
    protected Object persistentLoad(Object id) {
        Object[] parts = (Object[]) id;
        if (parts.length != 5
                || !"storage".equals(parts[0])
                || !(parts[1] instanceof Global type)
                || type.type() == null) {
            throw new PickleException("a reference that is none to a storage");
        }
        return new Storage(type.type(), (String) parts[2], number(parts[4]));
    }

    /** {@code (storage, offset, shape, strides, …)}. */
    private View tensor(Object[] arguments) {
        Storage storage = (Storage) arguments[0];
        return view(storage.type(), storage, arguments);
    }

    /** As {@link #tensor}, of a storage of bytes, with the type at the end. */
    private View tensorOfType(Object[] arguments) {
        return view(((Global) arguments[6]).type(), (Storage) arguments[0], arguments);
    }

    private View view(TorchType type, Storage storage, Object[] arguments) {
        List<Long> shape = numbers(arguments[2]);
        List<Long> strides = numbers(arguments[3]);
        long offset = number(arguments[1]);
        if (type == null || shape.size() != strides.size()) {
            throw new PickleException("a tensor of no type, or with other strides than dimensions");
        }
        long room =
                storage.type().isBytes() ? storage.elements() / type.stored().bytes() : storage.elements();
        long last = offset;
        long elements = 1;
        boolean empty = false;
        for (int axis = 0; axis < shape.size(); axis++) {
            long size = shape.get(axis);
            empty |= size == 0;
            elements = Math.multiplyExact(elements, size);
            last = Math.addExact(last, Math.multiplyExact(Math.max(0, size - 1), strides.get(axis)));
        }
        if (elements < 0 || (!empty && last >= room)) {
            throw new PickleException("a tensor that reaches behind the " + room + " numbers of its storage");
        }
        return new View(type, storage, offset, shape, strides);
    }

    private static List<Long> numbers(Object values) {
        List<Long> numbers = new ArrayList<>();
        Object[] all = values instanceof List<?> list ? list.toArray() : (Object[]) values;
        for (Object value : all) {
            numbers.add(number(value));
        }
        return numbers;
    }

    private static long number(Object value) {
        if (!(value instanceof Integer || value instanceof Long) || ((Number) value).longValue() < 0) {
            throw new PickleException("expected a count, got " + value);
        }
        return ((Number) value).longValue();
    }
}
