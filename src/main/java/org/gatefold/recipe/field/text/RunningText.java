package org.gatefold.recipe.field.text;

import com.google.gson.JsonObject;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/**
 * A column of lines as one running text, read as the ids of its tokens: those of each line as a {@link Text} has them, then one for the
 * end of the line.
 *
 * <p>The text is cut into streams of equal length, plus or minus a token, each a row of the dataset. A stream holds before each of its
 * tokens the one that precedes it in the text, the end of a line before the first, so that {@link NextToken} loses none.
 */
public final class RunningText implements Field {
    /** What the end of a line is called in vocabularies. */
    public static final String END = "<eos>";

    private static final String LINE_FEED = "\n";
    private static final int END_ID = 1;

    private final Text text;
    private final int streams;
    private final int shortest;

    private RunningText(Text text, int streams, int shortest) {
        this.text = text;
        this.streams = streams;
        this.shortest = shortest;
    }

    /** Lines of a column, in one stream; its vocabulary has one place less, for the end of a line. */
    public static RunningText of(Text lines) {
        return new RunningText(lines.special(END), 1, 1);
    }

    /** Cuts the text into so many streams, or into fewer where they would be shorter than so many tokens. */
    public RunningText streams(int most, int tokens) {
        return new RunningText(text, most, tokens);
    }

    @Override
    public String name() {
        return text.name();
    }

    /** The tokens and their ids. */
    public Vocabulary vocabulary() {
        return text.vocabulary();
    }

    /** The id of the end of a line, which stands before the first line too. */
    public int end() {
        return END_ID;
    }

    /**
     * The ids of a text that may have several lines; the last one is not ended.
     *
     * @param lines with LF between
     * @param unknown is given the tokens whose id is 0, unless they are written as {@link Vocabulary#UNKNOWN}
     */
    public int[] ids(String lines, List<? super String> unknown) {
        String[] all = lines.split(LINE_FEED, -1);
        int[][] ids = new int[all.length][];
        for (int i = 0; i < all.length; i++) {
            List<String> tokens = text.tokens(all[i]);
            tokens.stream()
                    .filter(token -> text.id(token) == 0 && !token.equals(Vocabulary.UNKNOWN))
                    .forEach(unknown::add);
            ids[i] = tokens.stream().mapToInt(text::id).toArray();
            ids[i] = i + 1 < all.length ? ended(ids[i]) : ids[i];
        }
        return joined(ids);
    }

    /** What a token adds to a text behind another one, with the blank between words. */
    public String added(int before, int token) {
        if (token == END_ID) {
            return LINE_FEED;
        }
        String added = vocabulary().token(token);
        if (before == END_ID) {
            return added;
        }
        String first = vocabulary().token(before);
        return text.text(List.of(first, added)).substring(first.length());
    }

    private static int[] ended(int... line) {
        int[] ended = Arrays.copyOf(line, line.length + 1);
        ended[line.length] = END_ID;
        return ended;
    }

    /** The tokens of each row, the end of its line among them. */
    int[][] lines(Rows rows) {
        return Arrays.stream(text.ids(rows)).map(RunningText::ended).toArray(int[][]::new);
    }

    /** The tokens of each row, which may have several lines, the ends of them among them. */
    int[][] texts(Rows rows) {
        return rows.text(name()).stream()
                .map(text -> ended(ids(text, new ArrayList<>())))
                .toArray(int[][]::new);
    }

    /** The characters of each row in Unicode's composed form, the end of its line counted as one. */
    int[] characters(Rows rows) {
        return rows.text(name()).stream()
                .mapToInt(line -> {
                    String composed = Normalizer.normalize(line, Normalizer.Form.NFC);
                    return composed.codePointCount(0, composed.length()) + 1;
                })
                .toArray();
    }

    /** Lines one after the other. */
    static int[] joined(int[]... lines) {
        int[] all = new int[Arrays.stream(lines).mapToInt(line -> line.length).sum()];
        int at = 0;
        for (int[] line : lines) {
            System.arraycopy(line, 0, all, at, line.length);
            at += line.length;
        }
        return all;
    }

    /** What precedes each token of a text. */
    int[] before(int... tokens) {
        int[] before = new int[tokens.length];
        before[0] = END_ID;
        System.arraycopy(tokens, 0, before, 1, tokens.length - 1);
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
        return new RunningText(text.fit(training), streams, shortest);
    }

    @Override
    public Column encode(Rows rows) {
        return Column.tokens(Dataset.INPUT, cut(before(joined(lines(rows)))));
    }

    @Override
    public String summary() {
        return text.summary();
    }

    @Override
    public JsonObject state() {
        return text.state();
    }

    @Override
    public RunningText restored(JsonFields state) {
        return new RunningText(text.restored(state), streams, shortest);
    }
}
