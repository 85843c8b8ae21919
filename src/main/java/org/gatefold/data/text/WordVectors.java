package org.gatefold.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.gatefold.file.DataStream;

/**
 * Vectors of words that were learnt elsewhere, read from a file of word2vec (text or binary), GloVe or fastText ({@code .vec}), plain or
 * packed by gzip.
 *
 * <p>A first line of two whole numbers is a header, of the number of words and of features; without it each line is a word and its
 * numbers, as GloVe writes them. What follows a header is binary if what stands behind the first word is no text. Words are UTF-8. Of a
 * word that is there twice the first vector counts. Only words that are wanted are kept, so that memory is taken for them alone, however
 * long the file is; whatever a header tells, none is taken before the words are there.
 *
 * <p>Immutable and thread-safe as long as nobody writes the vectors that it gives.
 */
public final class WordVectors {
    private final String source;
    private final int features;
    private final Map<String, float[]> vectors;

    WordVectors(String source, int features, Map<String, float[]> vectors) {
        this.source = source;
        this.features = features;
        this.vectors = Collections.unmodifiableMap(new LinkedHashMap<>(vectors));
    }

    /**
     * Reads all words of a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException naming the line, or of binary files the word, that is not as it should be; or if there are fewer
     *     words than the header tells, or none
     */
    public static WordVectors read(Path file) throws IOException {
        return read(file, word -> true);
    }

    /** Reads some words of a file; all of its lines are checked. As {@link #read(Path)} else. */
    public static WordVectors read(Path file, Predicate<String> wanted) throws IOException {
        return read(DataStream.of(file, Long.MAX_VALUE), wanted);
    }

    /** Reads some words of a stream, which {@code source} names in messages, and closes it. As {@link #read(Path)} else. */
    public static WordVectors read(String source, InputStream stream, Predicate<String> wanted) throws IOException {
        return read(DataStream.of(source, stream, Long.MAX_VALUE), wanted);
    }

    private static WordVectors read(DataStream stream, Predicate<String> wanted) throws IOException {
        try (WordVectorReader reader = new WordVectorReader(stream)) {
            return new WordVectors(stream.source(), reader.features(), reader.read(wanted));
        }
    }

    /**
     * How many numbers the vectors of a file have, by its beginning alone.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if its first line is neither a header nor a word and its vector
     */
    public static int features(Path file) throws IOException {
        try (WordVectorReader reader = new WordVectorReader(DataStream.of(file, Long.MAX_VALUE))) {
            return reader.features();
        }
    }

    /** The file or resource, as messages name it. */
    public String source() {
        return source;
    }

    /** How many numbers a vector has. */
    public int features() {
        return features;
    }

    /** The words that were kept, in the order of the file. */
    public Set<String> words() {
        return vectors.keySet();
    }

    /** The vector of a word, not a copy; null if it was not kept or is not in the file. */
    public float[] vector(String word) {
        return vectors.get(word);
    }
}
