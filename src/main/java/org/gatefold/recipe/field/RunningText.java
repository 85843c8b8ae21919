package org.gatefold.recipe.field;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.file.JsonFields;

/**
 * A column of lines as one running text, read as the ids of its tokens: those of each line, then one for its end, {@value #END} or, of
 * characters, the line feed. The vocabulary is that of the training rows, the most frequent tokens first.
 *
 * <p>The text is cut into streams of equal length, plus or minus a token, each a row of the dataset. A stream holds before each of its
 * tokens the one that precedes it in the text, the end of a line before the first, so that {@link NextToken} loses none.
 */
public final class RunningText implements Field {
    /** What ends a line of words. */
    public static final String END = "<eos>";

    private static final String LINE_FEED = "\n";
    private static final int END_ID = 1;
    private static final String TOKENS = "tokens";

    private final String column;
    private final Tokenizer tokenizer;
    private final int atMost;
    private final int atLeast;
    private final int streams;
    private final int shortest;
    private final Vocabulary vocabulary;

    private RunningText(
            String column,
            Tokenizer tokenizer,
            int atMost,
            int atLeast,
            int streams,
            int shortest,
            Vocabulary vocabulary) {
        this.column = column;
        this.tokenizer = tokenizer;
        this.atMost = atMost;
        this.atLeast = atLeast;
        this.streams = streams;
        this.shortest = shortest;
        this.vocabulary = vocabulary;
    }

    /**
     * A column as it is cut by a tokenizer, in one stream.
     *
     * @param atMost most tokens of the vocabulary, {@link Vocabulary#UNKNOWN} and the end of a line counted
     * @param atLeast how often a token has to be among the training rows
     */
    public static RunningText column(String column, Tokenizer tokenizer, int atMost, int atLeast) {
        return new RunningText(column, tokenizer, atMost, atLeast, 1, 1, null);
    }

    /** Cuts the text into so many streams, or into fewer where they would be shorter than so many tokens. */
    public RunningText streams(int most, int tokens) {
        return new RunningText(column, tokenizer, atMost, atLeast, most, tokens, vocabulary);
    }

    private RunningText with(Vocabulary fitted) {
        return new RunningText(column, tokenizer, atMost, atLeast, streams, shortest, fitted);
    }

    @Override
    public String name() {
        return column;
    }

    /** What the text is cut into. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The tokens and their ids. */
    public Vocabulary vocabulary() {
        if (vocabulary == null) {
            throw new IllegalStateException("field '" + name() + "': fit it before rows are encoded");
        }
        return vocabulary;
    }

    /** The id of the end of a line, which stands before the first line too. */
    public int end() {
        return END_ID;
    }

    private List<String> tokens(String line) {
        List<String> tokens = new ArrayList<>(tokenizer.tokens(line));
        tokens.add(tokenizer == Tokenizer.CHARACTERS ? LINE_FEED : END);
        return tokens;
    }

    /**
     * The tokens of a text that may have several lines; the last one is not ended.
     *
     * @param text with LF between lines
     */
    public List<String> tokensOf(String text) {
        List<String> tokens = new ArrayList<>();
        for (String line : text.split(LINE_FEED, -1)) {
            tokens.addAll(tokens(line));
        }
        return tokens.subList(0, tokens.size() - 1);
    }

    /** The tokens of each row, the end of its line among them. */
    int[][] lines(Rows rows) {
        Vocabulary known = vocabulary();
        List<String> texts = rows.text(column);
        int[][] lines = new int[texts.size()][];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = known.ids(tokens(texts.get(i)));
        }
        return lines;
    }

    /** The characters of each row in Unicode's composed form, the end of its line counted as one. */
    int[] characters(Rows rows) {
        return rows.text(column).stream()
                .mapToInt(line -> {
                    String composed = Normalizer.normalize(line, Normalizer.Form.NFC);
                    return composed.codePointCount(0, composed.length()) + 1;
                })
                .toArray();
    }

    /** Lines one after the other. */
    static int[] joined(int[]... lines) {
        int[] text = new int[Arrays.stream(lines).mapToInt(line -> line.length).sum()];
        int at = 0;
        for (int[] line : lines) {
            System.arraycopy(line, 0, text, at, line.length);
            at += line.length;
        }
        return text;
    }

    /** What precedes each token of a text. */
    int[] before(int... text) {
        int[] before = new int[text.length];
        before[0] = END_ID;
        System.arraycopy(text, 0, before, 1, text.length - 1);
        return before;
    }

    /** Cuts tokens into streams. */
    int[][] cut(int... tokens) {
        int count = Math.max(1, Math.min(streams, tokens.length / shortest));
        int[][] cut = new int[count][];
        for (int stream = 0; stream < count; stream++) {
            cut[stream] = Arrays.copyOfRange(tokens, (int) ((long) stream * tokens.length / count), (int)
                    ((stream + 1L) * tokens.length / count));
        }
        return cut;
    }

    @Override
    public RunningText fit(Rows training) {
        String end = tokens("").get(0);
        Vocabulary fitted = Vocabulary.fit(
                () -> training.text(column).stream().map(this::tokens).iterator(), atMost, atLeast, end);
        if (fitted.size() == END_ID + 1) {
            throw new IllegalArgumentException(training.table().source()
                    + ": expected a text in the lines to train on, got none with a token that is there " + atLeast
                    + (atLeast == 1 ? " time" : " times"));
        }
        return with(fitted);
    }

    @Override
    public Column encode(Rows rows) {
        return Column.tokens(Dataset.INPUT, cut(before(joined(lines(rows)))));
    }

    @Override
    public String summary() {
        String kind = tokenizer == Tokenizer.SPACES ? TOKENS : tokenizer.label();
        return vocabulary == null ? "" : "vocabulary of " + vocabulary.size() + " " + kind;
    }

    @Override
    public JsonObject state() {
        JsonArray tokens = new JsonArray();
        vocabulary().tokens().forEach(tokens::add);
        JsonObject state = new JsonObject();
        state.add(TOKENS, tokens);
        return state;
    }

    @Override
    public RunningText restored(JsonFields state) {
        List<String> saved = state.textList(TOKENS);
        String end = tokens("").get(0);
        if (saved.size() <= END_ID + 1 || !saved.get(END_ID).equals(end)) {
            throw state.wrong(TOKENS, "expected at least 3, the second one the end of a line", null);
        }
        try {
            return with(Vocabulary.of(saved));
        } catch (IllegalArgumentException e) {
            throw state.wrong(TOKENS, e.getMessage(), e);
        }
    }
}
