package org.gatefold.exchange.pytorch;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.ListedTensors;
import org.gatefold.exchange.StoredTensor;
import org.gatefold.file.Archive;
import org.gatefold.file.FileException;

/**
 * An archive that {@code torch.save} has written since PyTorch 1.6, or a TorchScript archive, of which the parameters are read: tensors by
 * name. Where a checkpoint holds the state dict beside other things, such as the state of an optimiser, it is found by its name or by being
 * the only one. Owns the open file. One thread at a time.
 */
final class TorchArchive extends ListedTensors {
    static final String PICKLE = "data.pkl";

    private static final int MOST_PICKLE_BYTES = 64 << 20;
    private static final int DEEPEST = 64;
    private static final List<String> STATE_DICTS =
            List.of("state_dict", "model_state_dict", "model", "model_state", "net", "state", "weights", "params");

    private final Archive archive;
    private final String folder;
    private final ByteOrder order;
    private String cachedKey;
    private byte[] cached;

    private TorchArchive(Path path, Archive archive) throws IOException {
        super(path);
        this.archive = archive;
        this.folder = folder(archive);
        if (folder == null) {
            throw new FileException(source(), "", "is no archive of PyTorch's: it has no " + PICKLE, null);
        }
        order = archive.contains(folder + "byteorder")
                        && new String(archive.bytes(folder + "byteorder", 16), StandardCharsets.US_ASCII)
                                .strip()
                                .equals("big")
                ? ByteOrder.BIG_ENDIAN
                : ByteOrder.LITTLE_ENDIAN;
    }

    /** The folder within an archive that its pickle stands in, with a slash; null if there is no pickle. */
    static String folder(Archive archive) {
        return archive.names().stream()
                .filter(name -> name.endsWith("/" + PICKLE) && name.indexOf('/') == name.length() - PICKLE.length() - 1)
                .map(name -> name.substring(0, name.length() - PICKLE.length()))
                .findFirst()
                .orElse(null);
    }

    /**
     * Opens an archive and reads what tensors it has.
     *
     * @throws FileException if it is damaged, or asks for more than tensors
     * @throws IOException if it cannot be read
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed by close(), or here
    static TorchArchive open(Path path) throws IOException {
        Archive archive = Archive.open(path);
        boolean complete = false;
        try {
            TorchArchive made = new TorchArchive(path, archive);
            made.list();
            complete = true;
            return made;
        } finally {
            if (!complete) {
                archive.close();
            }
        }
    }

    private void list() throws IOException {
        boolean script = archive.names().stream().anyMatch(name -> name.startsWith(folder + "code/"));
        byte[] pickle = archive.bytes(folder + PICKLE, MOST_PICKLE_BYTES);
        Object root = new TensorPickle(source(), script, pickle).read();
        if (script) {
            Map<String, Object> parameters = new LinkedHashMap<>();
            flatten(root, "", 0, new IdentityHashMap<>(), parameters);
            parameters.forEach((name, value) -> add(name, (TensorPickle.View) value));
        } else {
            stateDict(root).forEach((name, value) -> {
                if (value instanceof TensorPickle.View view) {
                    add(String.valueOf(name), view);
                }
            });
        }
        if (tensors().isEmpty()) {
            throw new FileException(source(), "", "holds no tensors by name", null);
        }
    }

    /** All tensors that are attributes of objects, by their paths. */
    private void flatten(Object value, String path, int depth, Map<Object, Boolean> above, Map<String, Object> into) {
        if (value instanceof TensorPickle.View) {
            into.put(path, value);
        } else if (value instanceof Map<?, ?> map && depth < DEEPEST && above.put(value, true) == null) {
            map.forEach((key, inner) ->
                    flatten(inner, path.isEmpty() ? String.valueOf(key) : path + "." + key, depth + 1, above, into));
        }
    }

    private Map<?, ?> stateDict(Object root) {
        if (!(root instanceof Map<?, ?> map)) {
            throw new FileException(source(), "", "expected a dictionary of tensors by name", null);
        }
        for (String name : STATE_DICTS) {
            if (map.get(name) instanceof Map<?, ?> inner && holdsTensors(inner)) {
                return inner;
            }
        }
        // A loss or a score beside the weights is a tensor, too, but has no dimensions.
        if (map.values().stream()
                .anyMatch(value ->
                        value instanceof TensorPickle.View view && !view.shape().isEmpty())) {
            return map;
        }
        List<Object> found = new ArrayList<>();
        map.forEach((key, value) -> {
            if (value instanceof Map<?, ?> inner && holdsTensors(inner)) {
                found.add(key);
            }
        });
        if (found.size() != 1) {
            throw new FileException(
                    source(),
                    "",
                    "expected one dictionary of tensors, found " + found + " among " + map.keySet(),
                    null);
        }
        return (Map<?, ?>) map.get(found.get(0));
    }

    private static boolean holdsTensors(Map<?, ?> map) {
        return map.values().stream().anyMatch(TensorPickle.View.class::isInstance);
    }

    private void add(String name, TensorPickle.View view) {
        put(new StoredTensor(name, view.type().stored(), view.shape(), () -> values(name, view)));
    }

    private float[] values(String name, TensorPickle.View view) throws IOException {
        long elements = 1;
        for (long size : view.shape()) {
            elements = Math.multiplyExact(elements, size);
        }
        if (elements > Integer.MAX_VALUE - 8) {
            throw new CheckpointException(
                    source(),
                    name,
                    String.format(Locale.ROOT, "expected fewer than 2^31 numbers, got %,d", elements),
                    null);
        }
        byte[] bytes = storage(view.storage());
        int each = view.type().stored().bytes();
        float[] values = new float[(int) elements];
        ByteBuffer data = ByteBuffer.wrap(bytes).order(order);
        long[] at = new long[view.shape().size()];
        for (int i = 0; i < values.length; i++) {
            long from = view.offset();
            for (int axis = 0; axis < at.length; axis++) {
                from += at[axis] * view.strides().get(axis);
            }
            if (from >= bytes.length / each) {
                throw new CheckpointException(source(), name, "its storage is cut off", null);
            }
            values[i] = (float) view.type().stored().real(data, (int) from * each);
            for (int axis = at.length - 1;
                    axis >= 0 && ++at[axis] == view.shape().get(axis);
                    axis--) {
                at[axis] = 0;
            }
        }
        return values;
    }

    /** A storage may serve many tensors, such as all weights of a recurrent layer; the last one is kept. */
    private byte[] storage(TensorPickle.Storage storage) throws IOException {
        if (!storage.key().equals(cachedKey)) {
            cached = null;
            cached = archive.bytes(folder + "data/" + storage.key());
            cachedKey = storage.key();
        }
        return cached;
    }

    @Override
    public void close() throws IOException {
        archive.close();
    }
}
