package org.gatefold.backend.cuda.tuning;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gatefold.backend.cuda.kernel.KernelCache;
import org.gatefold.backend.cuda.library.CacheFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was found out about one card with its libraries and kernels, one small JSON file for each subject, kept from process
 * to process. Any number of processes may share the folder: files are written whole, and the last one stands. A file that
 * is damaged counts as none. Thread-safe.
 */
public final class CardRecords {
    /** Where the files are kept; by default {@code gatefold/cards} in the user's cache folder. */
    public static final String FOLDER_PROPERTY = "gatefold.cuda.records";

    private static final Logger LOG = LoggerFactory.getLogger(CardRecords.class);

    private final Path folder;
    private final JsonObject card = new JsonObject();

    CardRecords(Path folder, CardIdentity identity) {
        this.folder = folder;
        identity.parts().forEach(card::addProperty);
    }

    public static CardRecords standard(CardIdentity identity) {
        return new CardRecords(CacheFolder.chosen(FOLDER_PROPERTY, "cards"), identity);
    }

    /** What was recorded of a subject. */
    Optional<JsonObject> read(String subject) {
        Path file = file(subject);
        try {
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            JsonElement parsed = JsonParser.parseString(Files.readString(file));
            if (parsed.isJsonObject()
                    && card.equals(parsed.getAsJsonObject().get("card"))
                    && parsed.getAsJsonObject().get("record") instanceof JsonObject entry) {
                return Optional.of(entry);
            }
            LOG.warn("{} is damaged and counts as none", file);
        } catch (IOException | JsonParseException e) {
            LOG.warn("{} is damaged and counts as none: {}", file, e.toString());
        }
        return Optional.empty();
    }

    /** Records something of a subject, in place of what was recorded of it. */
    void write(String subject, JsonObject entry) {
        JsonObject whole = new JsonObject();
        whole.add("card", card);
        whole.addProperty("subject", subject);
        whole.add("record", entry);
        String text = new GsonBuilder().setPrettyPrinting().create().toJson(whole) + "\n";
        CacheFolder.write(file(subject), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Forgets what was recorded of a subject. */
    void remove(String subject) {
        CacheFolder.delete(file(subject));
    }

    private Path file(String subject) {
        List<String> parts = new ArrayList<>();
        card.entrySet().forEach(part -> {
            parts.add(part.getKey());
            parts.add(part.getValue().getAsString());
        });
        parts.add(subject);
        return folder.resolve(KernelCache.key(parts) + ".json");
    }
}
