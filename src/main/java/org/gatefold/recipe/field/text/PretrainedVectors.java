package org.gatefold.recipe.field.text;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.data.text.WordVectors;
import org.gatefold.file.FileFailure;
import org.gatefold.file.HashedStream;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;

/**
 * Vectors of a file of {@link WordVectors} as first vectors of the tokens of a {@link Text}. A token that is not in the file as it is has
 * the vector of the first word that is the same but for case. The file is read where the field is fitted, and, of a run that is gone
 * on with, where first weights are made; a trained model needs it no more.
 *
 * <p>One thread while vectors are asked for.
 */
public final class PretrainedVectors {
    private static final String HASH = "sha256";
    private static final String FOUND = "found";
    private static final String SEEN = "seen";

    private final String file;
    private final Reader reader;
    private final String hash;
    private final int found;
    private final int seen;
    private Map<String, float[]> vectors;

    /** Reads a stream, which the caller closes. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Reads vectors of some words.
         *
         * @param source the name for messages
         */
        WordVectors read(String source, InputStream stream, Predicate<String> wanted) throws IOException;
    }

    /**
     * @param found tokens of the training rows that have a vector
     * @param seen all tokens of the training rows
     * @param vectors by token; null if they are to be read where they are asked for
     */
    private PretrainedVectors(
            String file, Reader reader, String hash, int found, int seen, Map<String, float[]> vectors) {
        this.file = file;
        this.reader = reader;
        this.hash = hash;
        this.found = found;
        this.seen = seen;
        this.vectors = vectors;
    }

    /** Those of a file that is not yet read. */
    public static PretrainedVectors of(String file, Reader reader) {
        return new PretrainedVectors(file, reader, null, 0, 0, null);
    }

    /**
     * Reads the vectors of tokens that training rows have, and of as many others as there is room for.
     *
     * @param tokens cuts a text
     * @param known the tokens that are known in any case
     * @param trained all tokens of the training rows
     */
    PretrainedVectors fit(Function<String, List<String>> tokens, Vocabulary known, Set<String> trained, int atMost) {
        Set<String> wanted = new LinkedHashSet<>(known.tokens());
        wanted.addAll(trained);
        Set<String> folded = wanted.stream().map(PretrainedVectors::folded).collect(Collectors.toSet());
        int room = atMost - known.size();
        Set<String> others = new LinkedHashSet<>();
        Loaded loaded = load(word -> {
            if (folded.contains(folded(word))) {
                return true;
            }
            List<String> cut = others.size() < room ? tokens.apply(word) : List.of();
            if (cut.size() == 1) {
                others.add(cut.get(0));
            }
            return cut.size() == 1;
        });
        Map<String, float[]> vectors = loaded.of(wanted);
        int count = (int) trained.stream().filter(vectors::containsKey).count();
        vectors.putAll(loaded.of(others));
        return new PretrainedVectors(file, reader, loaded.hash, count, trained.size(), vectors);
    }

    /** A vocabulary with all other tokens that have a vector, those of training rows first, as far as there is room. */
    Vocabulary extended(Vocabulary known, int atMost) {
        Set<String> all = new LinkedHashSet<>(known.tokens());
        all.addAll(vectors.keySet());
        return Vocabulary.of(all.stream().limit(atMost).toList());
    }

    /** The vector of a token; null if it has none. */
    float[] vector(Vocabulary vocabulary, int id) {
        if (vectors == null) {
            Set<String> folded =
                    vocabulary.tokens().stream().map(PretrainedVectors::folded).collect(Collectors.toSet());
            vectors = load(word -> folded.contains(folded(word))).of(vocabulary.tokens());
        }
        return vectors.get(vocabulary.token(id));
    }

    /** Checks that the file is the one that was read. */
    void requireUnchanged() throws IOException {
        String now;
        try (InputStream whole = open()) {
            now = new HashedStream(whole).hash();
        }
        if (!now.equals(hash)) {
            throw new IllegalArgumentException(file + ": has changed since the run began: expected SHA-256 " + hash
                    + ", got " + now + "; bring it back, or begin a new run");
        }
    }

    /**
     * What was read of the file.
     *
     * @param exact vectors by words
     * @param folded vectors by words without their case, of several the first
     */
    private record Loaded(String hash, Map<String, float[]> exact, Map<String, float[]> folded) {
        /** Those of some tokens, in their order. */
        Map<String, float[]> of(Iterable<String> tokens) {
            Map<String, float[]> vectors = new LinkedHashMap<>();
            for (String token : tokens) {
                float[] vector = exact.getOrDefault(token, folded.get(PretrainedVectors.folded(token)));
                if (vector != null) {
                    vectors.put(token, vector);
                }
            }
            return vectors;
        }
    }

    private Loaded load(Predicate<String> wanted) {
        try (InputStream whole = open()) {
            HashedStream stream = new HashedStream(whole);
            WordVectors read = reader.read(file, stream, wanted);
            Map<String, float[]> exact = new HashMap<>();
            Map<String, float[]> folded = new HashMap<>();
            for (String word : read.words()) {
                exact.putIfAbsent(Normalizer.normalize(word, Normalizer.Form.NFC), read.vector(word));
                folded.putIfAbsent(folded(word), read.vector(word));
            }
            return new Loaded(stream.hash(), exact, folded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String folded(String word) {
        return Normalizer.normalize(word, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }

    private InputStream open() throws IOException {
        try {
            return Files.newInputStream(Path.of(file));
        } catch (FileSystemException e) {
            throw new IOException("cannot read " + file + ": " + FileFailure.reason(e), e);
        }
    }

    String summary() {
        return "first vectors for " + found + " of the " + seen + " tokens in the rows to train on";
    }

    JsonObject state() {
        return Json.object(HASH, hash, FOUND, found, SEEN, seen);
    }

    PretrainedVectors restored(JsonFields state) {
        return new PretrainedVectors(
                file,
                reader,
                state.text(HASH),
                state.integer(FOUND, 0, Integer.MAX_VALUE),
                state.integer(SEEN, 0, Integer.MAX_VALUE),
                null);
    }
}
