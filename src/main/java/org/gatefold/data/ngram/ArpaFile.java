package org.gatefold.data.ngram;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.gatefold.file.TextReader;

/**
 * The ARPA format of n-grams, which SRILM, KenLM and others write: a header {@code \data\} with how many there are of each length, then for
 * each length a line an n-gram with the logarithm of its probability to the base of 10, its words, and perhaps its back-off weight.
 * Stateless.
 */
public final class ArpaFile {
    /** N-grams that a file may have: models keep them in memory, and in their own files. */
    public static final int MOST = 500_000;

    private static final String DATA = "\\data\\";
    private static final String END = "\\end\\";
    private static final String OTHER_UNKNOWN = "<UNK>";

    private ArpaFile() {}

    /**
     * Reads a file; gzip is unpacked.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException naming the line that is wrong, or if there are more than {@value #MOST} n-grams
     */
    public static NGramModel read(Path file) throws IOException {
        return read(file.toString(), TextReader.of(file, StandardCharsets.UTF_8, 0));
    }

    /** Reads what {@link #text} gave; as {@link #read(Path)} else. */
    public static NGramModel parse(String source, String text) {
        try {
            return read(source, new StringReader(text));
        } catch (IOException e) {
            throw new IllegalStateException("a text cannot fail to be read", e);
        }
    }

    private static NGramModel read(String source, Reader reader) throws IOException {
        try (BufferedReader lines = new BufferedReader(reader)) {
            return new Lines(source).read(lines);
        }
    }

    /** The lines of a file, one after the other. */
    private static final class Lines {
        private final String source;
        private final Map<Integer, Long> declared = new TreeMap<>();
        private final Map<String, NGramModel.Entry> entries = new HashMap<>();
        private boolean data;
        private int length;
        private long found;
        private long number;

        Lines(String source) {
            this.source = source;
        }

        NGramModel read(BufferedReader lines) throws IOException {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                String text = line.strip();
                if (text.equals(END)) {
                    requireAll();
                    return model();
                }
                if (!text.isEmpty()) {
                    take(text);
                }
            }
            throw wrong("expected " + END + " at the end, found none: the file is cut off, or no ARPA file");
        }

        private NGramModel model() {
            if (entries.isEmpty()) {
                throw wrong("expected n-grams, found none");
            }
            return new NGramModel(length, entries);
        }

        private void take(String text) {
            if (!data) {
                // Whatever stands before the header tells of the file.
                data = text.equals(DATA);
            } else if (text.startsWith("ngram ")) {
                declare(text.substring("ngram ".length()));
            } else if (text.startsWith("\\")) {
                requireAll();
                length++;
                found = 0;
                if (!text.equals("\\" + length + "-grams:") || !declared.containsKey(length)) {
                    throw wrong("expected " + (declared.containsKey(length) ? "\\" + length + "-grams:" : END)
                            + ", got '" + text + "'");
                }
            } else {
                add(text);
            }
        }

        private void declare(String words) {
            String[] parts = words.split("=", 2);
            try {
                long all = Long.parseLong(parts[parts.length - 1].strip());
                declared.put(Integer.parseInt(parts[0].strip()), all);
            } catch (NumberFormatException e) {
                throw wrong("expected 'ngram LENGTH=COUNT', got 'ngram " + words + "'", e);
            }
            long all = declared.values().stream().mapToLong(count -> count).sum();
            if (all > MOST) {
                throw wrong("expected at most " + MOST + " n-grams, got " + all + "; prune the model");
            }
        }

        private void requireAll() {
            long wanted = length == 0 ? 0 : declared.get(length);
            if (found != wanted) {
                throw wrong("expected " + wanted + " n-grams of length " + length + ", got " + found);
            }
        }

        private void add(String text) {
            String[] parts = text.split("\\s+");
            if (length == 0 || parts.length < length + 1 || parts.length > length + 2) {
                throw wrong("expected a probability, " + length + " words and perhaps a weight, got '" + text + "'");
            }
            double backOff = parts.length == length + 2 ? number(parts[length + 1]) : 0;
            StringBuilder gram = new StringBuilder();
            for (int i = 1; i <= length; i++) {
                gram.append(i == 1 ? "" : NGramModel.BLANK)
                        .append(parts[i].equals(OTHER_UNKNOWN) ? NGramModel.UNKNOWN : parts[i]);
            }
            if (entries.put(gram.toString(), new NGramModel.Entry(number(parts[0]), backOff)) != null) {
                throw wrong("'" + gram + "' stands there twice");
            }
            found++;
        }

        private double number(String text) {
            try {
                double value = Double.parseDouble(text);
                if (!Double.isNaN(value)) {
                    return Math.max(NGramModel.NEVER, value);
                }
            } catch (NumberFormatException e) {
                throw wrong("expected a number, got '" + text + "'", e);
            }
            throw wrong("expected a number, got '" + text + "'");
        }

        private IllegalArgumentException wrong(String problem) {
            return wrong(problem, null);
        }

        private IllegalArgumentException wrong(String problem, Throwable cause) {
            return new IllegalArgumentException(source + ", line " + number + ": " + problem, cause);
        }
    }

    /** The file of a model. */
    public static String text(NGramModel model) {
        Map<Integer, Map<String, NGramModel.Entry>> byLength = new TreeMap<>();
        model.entries().forEach((gram, entry) -> byLength.computeIfAbsent(
                        gram.split(NGramModel.BLANK, -1).length, n -> new TreeMap<>())
                .put(gram, entry));
        StringBuilder text = new StringBuilder(DATA).append('\n');
        byLength.forEach((n, grams) ->
                text.append("ngram ").append(n).append('=').append(grams.size()).append('\n'));
        byLength.forEach((n, grams) -> {
            text.append("\n\\").append(n).append("-grams:\n");
            grams.forEach((gram, entry) -> {
                text.append(shown(entry.probability())).append('\t').append(gram);
                if (entry.backOff() != 0) {
                    text.append('\t').append(shown(entry.backOff()));
                }
                text.append('\n');
            });
        });
        return text.append('\n').append(END).append('\n').toString();
    }

    private static String shown(double number) {
        return String.format(Locale.ROOT, "%.7g", number);
    }
}
