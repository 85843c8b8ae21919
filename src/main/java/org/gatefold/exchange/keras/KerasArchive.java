package org.gatefold.exchange.keras;

import com.google.gson.JsonObject;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.gatefold.file.Json;

/**
 * Writes the archive of Keras 3: {@code config.json}, {@code metadata.json} and {@code model.weights.h5}, in which layers are called by class
 * and number ({@code layers/lstm_1/cell/vars/0}). Groups without weights are left out: Keras does not miss them, and the library writes
 * files with empty groups that cannot be read. Stateless.
 */
final class KerasArchive {
    /** The release whose form is written; later ones of Keras 3 read it. */
    private static final String VERSION = "3.3.3";

    private KerasArchive() {}

    /**
     * @param config the model
     * @param layers in the order in which Keras keeps them
     */
    static void write(OutputStream out, JsonObject config, List<WrittenLayer> layers) throws IOException {
        JsonObject about = new JsonObject();
        about.addProperty("keras_version", VERSION);
        about.addProperty(
                "date_saved",
                LocalDateTime.now(ZoneId.systemDefault())
                        .format(DateTimeFormatter.ofPattern("yyyy-MM-dd'@'HH:mm:ss", Locale.ROOT)));
        ZipOutputStream zip = new ZipOutputStream(out);
        entry(zip, KerasFile.METADATA, about);
        entry(zip, KerasFile.CONFIG, config);
        zip.putNextEntry(new ZipEntry(KerasFile.WEIGHTS));
        Path weights = Files.createTempFile("gatefold", ".h5");
        try {
            weights(weights, layers);
            Files.copy(weights, zip);
        } finally {
            Files.deleteIfExists(weights);
        }
        zip.finish();
    }

    private static void entry(ZipOutputStream zip, String name, JsonObject json) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(Json.compact(json).getBytes(StandardCharsets.UTF_8));
    }

    private static void weights(Path file, List<WrittenLayer> layers) {
        try (WritableHdfFile hdf = HdfFile.write(file)) {
            Map<String, WritableGroup> groups = new HashMap<>();
            groups.put("", hdf);
            Map<String, Integer> counts = new HashMap<>();
            for (WrittenLayer layer : layers) {
                String name = KerasConfig.numbered(layer.type(), counts);
                layer.arrays().forEach((path, array) -> {
                    String whole = "layers/" + name + "/" + path;
                    int end = whole.lastIndexOf('/');
                    group(groups, whole.substring(0, end)).putDataset(whole.substring(end + 1), array.nested());
                });
            }
        }
    }

    private static WritableGroup group(Map<String, WritableGroup> groups, String path) {
        WritableGroup known = groups.get(path);
        if (known != null) {
            return known;
        }
        int end = path.lastIndexOf('/');
        WritableGroup made =
                group(groups, end < 0 ? "" : path.substring(0, end)).putGroup(path.substring(end + 1));
        groups.put(path, made);
        return made;
    }
}
