package org.gatefold.exchange;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.file.Safetensors;
import org.gatefold.file.StoredType;

/**
 * The tensors of a safetensors file of any types, or of the shards that an index ({@code model.safetensors.index.json}) names. Shards stand
 * beside their index. Owns the open files. One thread at a time.
 */
public final class SafetensorsFiles extends ListedTensors {
    private static final String INDEX = ".safetensors.index.json";

    private static final int MOST_INDEX_BYTES = 64 << 20;
    private static final int MOST_SHARDS = 10_000;

    private final List<Safetensors> files = new ArrayList<>();

    private SafetensorsFiles(Path path) {
        super(path);
    }

    /**
     * Opens a file, or an index and its shards.
     *
     * @throws FileException if one is damaged, or if the index names what is not there
     * @throws IOException if one cannot be read
     */
    @MustBeClosed
    public static SafetensorsFiles open(Path path) throws IOException {
        SafetensorsFiles all = new SafetensorsFiles(path);
        boolean complete = false;
        try {
            if (isIndex(path)) {
                all.addShards(path);
            } else {
                all.add(path).forEach((name, tensor) -> all.put(tensor));
            }
            complete = true;
            return all;
        } finally {
            if (!complete) {
                all.close();
            }
        }
    }

    /** Whether a file is an index of shards, by its name. */
    public static boolean isIndex(Path file) {
        return String.valueOf(file.getFileName()).endsWith(INDEX);
    }

    private void addShards(Path index) throws IOException {
        JsonFields json =
                JsonFields.parse(source(), Json.text(index, MOST_INDEX_BYTES)).fields("weight_map");
        Map<String, Map<String, StoredTensor>> shards = new LinkedHashMap<>();
        for (String name : json.names()) {
            String shard = json.text(name);
            if (shard.contains("/") || shard.contains("\\") || shard.equals("..") || shard.isEmpty()) {
                throw new FileException(
                        source(),
                        "weight_map." + name,
                        "expected the name of a file beside it, got '" + shard + "'",
                        null);
            }
            if (!shards.containsKey(shard)) {
                if (shards.size() == MOST_SHARDS) {
                    throw new FileException(source(), "weight_map", "expected at most " + MOST_SHARDS + " files", null);
                }
                shards.put(shard, add(index.resolveSibling(shard)));
            }
            StoredTensor tensor = shards.get(shard).get(name);
            if (tensor == null) {
                throw new FileException(source(), "weight_map." + name, "'" + shard + "' has no such tensor", null);
            }
            put(tensor);
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    private Map<String, StoredTensor> add(Path path) throws IOException {
        Safetensors file = Safetensors.open(path);
        files.add(file);
        Map<String, StoredTensor> found = new LinkedHashMap<>();
        // As written; names in the header come sorted by many writers, data as the module lists it.
        file.entries().stream()
                .sorted(Comparator.comparingLong(Safetensors.Entry::begin))
                .forEach(entry -> found.put(
                        entry.name(),
                        new StoredTensor(
                                entry.name(),
                                StoredType.valueOf(entry.type()),
                                entry.shape(),
                                () -> file.converted(entry.name()))));
        return found;
    }

    @Override
    public void close() throws IOException {
        for (Safetensors file : files) {
            file.close();
        }
    }
}
