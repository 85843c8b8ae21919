package org.gatefold.data.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.file.JsonFields;

/**
 * Cuts texts into the pieces that a pretrained encoder knows, as the system does that it was trained with. Pieces carry their places in the
 * text; special tokens begin and end it, and stand for themselves where a text has their name.
 *
 * <p>Immutable and thread-safe. {@link #read} finds the files of a folder, {@link #toJson} keeps one for {@link #of}.
 */
public abstract class PretrainedTokenizer {
    private final Map<String, Integer> vocabulary;
    private final Special special;
    private final List<Added> added;

    /**
     * A piece of a text.
     *
     * @param id in the vocabulary
     * @param start where it begins, in chars
     * @param end where it ends
     */
    public record Piece(int id, int start, int end) {}

    /**
     * Tokens round texts.
     *
     * @param begin comes first
     * @param end comes behind each text
     */
    record Special(int begin, int end) {}

    /**
     * A token that stands for itself wherever a text has its name.
     *
     * @param takesBlanks whether blanks before it are part of it
     */
    record Added(String name, int id, boolean takesBlanks) {}

    /** @param vocabulary ids by pieces */
    PretrainedTokenizer(Map<String, Integer> vocabulary, Special special, List<Added> added) {
        this.vocabulary = Collections.unmodifiableMap(new LinkedHashMap<>(vocabulary));
        this.special = special;
        this.added = added.stream()
                .sorted(Comparator.comparingInt(token -> -token.name().length()))
                .toList();
    }

    /**
     * The tokenizer of a folder: {@code tokenizer.json} of WordPiece, or {@code vocab.txt} with {@code tokenizer_config.json}; without the
     * latter an uncased one.
     *
     * @throws org.gatefold.file.FileException naming file and field of what is missing, damaged or of a kind that is not read
     * @throws IOException if a file cannot be read
     */
    public static PretrainedTokenizer read(Path folder) throws IOException {
        return TokenizerFiles.read(folder);
    }

    /** The files of a folder that {@link #read} looks at, in the order of names. */
    public static List<Path> files(Path folder) {
        return TokenizerFiles.of(folder);
    }

    /**
     * A tokenizer as {@link #toJson} has it, or another writer's {@code tokenizer.json}.
     *
     * @throws org.gatefold.file.FileException naming the field that is missing, wrong or of a kind that is not read
     */
    public static PretrainedTokenizer of(JsonFields json) {
        return TokenizerFiles.of(json);
    }

    /** This tokenizer in the form of {@code tokenizer.json}. */
    public final JsonObject toJson() {
        JsonObject json = new JsonObject();
        JsonArray tokens = new JsonArray();
        for (Added token : added) {
            JsonObject one = new JsonObject();
            one.addProperty("id", token.id());
            one.addProperty("content", token.name());
            one.addProperty("single_word", false);
            one.addProperty("lstrip", token.takesBlanks());
            one.addProperty("rstrip", false);
            one.addProperty("normalized", false);
            one.addProperty("special", true);
            tokens.add(one);
        }
        json.add("added_tokens", tokens);
        JsonObject processor = new JsonObject();
        processor.addProperty("type", "BertProcessing");
        processor.add("sep", named(special.end()));
        processor.add("cls", named(special.begin()));
        json.add("post_processor", processor);
        JsonObject model = new JsonObject();
        write(json, model);
        JsonObject ids = new JsonObject();
        vocabulary.forEach(ids::addProperty);
        model.add("vocab", ids);
        json.add("model", model);
        return json;
    }

    private JsonArray named(int id) {
        JsonArray pair = new JsonArray();
        pair.add(vocabulary.entrySet().stream()
                .filter(token -> token.getValue() == id)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(""));
        pair.add(id);
        return pair;
    }

    /** Adds what a kind of tokenizer has of its own, to the whole and to its model. */
    abstract void write(JsonObject json, JsonObject model);

    /** Adds the pieces of the part of a text from {@code from} to before {@code to}, in which no added token is. */
    abstract void cut(String text, int from, int to, List<Piece> into);

    /** The id of a piece of which nothing is known. */
    abstract int unknown();

    /** The ids of all pieces, special ones too, in the order of the files. */
    public final Map<String, Integer> vocabulary() {
        return vocabulary;
    }

    /** One more than the largest id. */
    public final int size() {
        return 1 + Collections.max(vocabulary.values());
    }

    /** The pieces of a text, without special tokens round it. */
    public final List<Piece> pieces(String text) {
        List<Piece> pieces = new ArrayList<>();
        int from = 0;
        int at = 0;
        while (at < text.length()) {
            Added found = at(text, at);
            if (found == null) {
                at++;
                continue;
            }
            int to = at;
            while (found.takesBlanks() && to > from && BertWords.isBlank(text.charAt(to - 1))) {
                to--;
            }
            cut(text, from, to, pieces);
            from = at + found.name().length();
            pieces.add(new Piece(found.id(), at, from));
            at = from;
        }
        cut(text, from, text.length(), pieces);
        return pieces;
    }

    /** The longest added token that begins at a place; null if none does. */
    private Added at(String text, int at) {
        for (Added token : added) {
            if (text.startsWith(token.name(), at)) {
                return token;
            }
        }
        return null;
    }

    /**
     * A text between special tokens.
     *
     * @param most pieces, special tokens counted; the end of a longer text is left out
     * @throws IllegalArgumentException if most leaves no room for special tokens
     */
    public final TokenizedText encode(String text, int most) {
        int room = room(most, false);
        List<Piece> pieces = pieces(text);
        return joined(pieces.subList(0, Math.min(room, pieces.size())), null);
    }

    /**
     * Two texts between special tokens, of which each piece has the type.
     *
     * @param most pieces, special tokens counted; of texts that are longer together the end of the longer one is left out first
     * @throws IllegalArgumentException if most leaves no room for special tokens
     */
    public final TokenizedText encode(String text, String second, int most) {
        int room = room(most, true);
        List<Piece> first = pieces(text);
        List<Piece> other = pieces(second);
        int less = Math.min(first.size(), other.size());
        int more = Math.max(first.size(), other.size());
        if (less + more > room) {
            more = Math.max(less, room - less);
            if (less + more > room) {
                less = room / 2;
                more = less + room % 2;
            }
        }
        boolean longer = first.size() > other.size();
        return joined(first.subList(0, longer ? more : less), other.subList(0, longer ? less : more));
    }

    /**
     * Words that a text was cut into before, between special tokens.
     *
     * @param most pieces, special tokens counted; what is behind them is left out
     * @throws IllegalArgumentException if most leaves no room for special tokens
     */
    public final TokenizedWords encodeWords(List<String> words, int most) {
        int room = room(most, false);
        List<Piece> all = new ArrayList<>();
        int[] firsts = new int[words.size()];
        for (int i = 0; i < firsts.length; i++) {
            firsts[i] = Math.min(all.size() + 1, room + 1);
            if (all.size() < room) {
                List<Piece> pieces = pieces(words.get(i));
                all.addAll(pieces.isEmpty() ? List.of(new Piece(unknown(), 0, 0)) : pieces);
            }
        }
        return new TokenizedWords(joined(all.subList(0, Math.min(room, all.size())), null), firsts);
    }

    private static int room(int most, boolean pair) {
        int needed = pair ? 3 : 2;
        if (most < needed) {
            throw new IllegalArgumentException("most: expected at least " + needed + " pieces, got " + most);
        }
        return most - needed;
    }

    /** @param second null for none */
    private TokenizedText joined(List<Piece> first, List<Piece> second) {
        List<Piece> all = new ArrayList<>();
        all.add(new Piece(special.begin(), 0, 0));
        all.addAll(first);
        all.add(new Piece(special.end(), 0, 0));
        int ofFirst = all.size();
        if (second != null) {
            all.addAll(second);
            all.add(new Piece(special.end(), 0, 0));
        }
        int[] types = new int[all.size()];
        Arrays.fill(types, ofFirst, types.length, 1);
        return new TokenizedText(
                all.stream().mapToInt(Piece::id).toArray(),
                types,
                all.stream().mapToInt(Piece::start).toArray(),
                all.stream().mapToInt(Piece::end).toArray());
    }
}
