package org.gatefold.data.text;

import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * WordPiece as BERT's models have it: words of {@link BertWords}, each cut from left to right into the longest pieces that are known. Pieces
 * within a word have a prefix in the vocabulary; a word that cannot be cut so is unknown as a whole.
 *
 * <p>Immutable and thread-safe.
 */
final class WordPiece extends PretrainedTokenizer {
    private final BertWords words;
    private final Pieces pieces;
    private final int unknown;
    private final Map<String, Integer> within = new HashMap<>();
    private final int longest;

    /**
     * How words are cut.
     *
     * @param unknown the piece that stands for words that cannot be cut
     * @param prefix of pieces within words
     * @param mostCharacters a longer word is unknown
     */
    record Pieces(String unknown, String prefix, int mostCharacters) {}

    /** @throws IllegalArgumentException if the unknown piece is not in the vocabulary */
    WordPiece(Map<String, Integer> vocabulary, Special special, List<Added> added, BertWords words, Pieces pieces) {
        super(vocabulary, special, added);
        this.words = words;
        this.pieces = pieces;
        unknown = vocabulary.get(pieces.unknown());
        vocabulary.forEach((piece, id) -> {
            if (piece.startsWith(pieces.prefix())) {
                within.put(piece.substring(pieces.prefix().length()), id);
            }
        });
        longest = vocabulary.keySet().stream().mapToInt(String::length).max().orElse(0);
    }

    @Override
    void write(JsonObject json, JsonObject model) {
        JsonObject normalizer = new JsonObject();
        normalizer.addProperty("type", "BertNormalizer");
        normalizer.addProperty("clean_text", words.clean());
        normalizer.addProperty("handle_chinese_chars", words.chinese());
        normalizer.addProperty("strip_accents", words.stripAccents());
        normalizer.addProperty("lowercase", words.lowerCase());
        json.add("normalizer", normalizer);
        JsonObject pre = new JsonObject();
        pre.addProperty("type", "BertPreTokenizer");
        json.add("pre_tokenizer", pre);
        model.addProperty("type", "WordPiece");
        model.addProperty("unk_token", pieces.unknown());
        model.addProperty("continuing_subword_prefix", pieces.prefix());
        model.addProperty("max_input_chars_per_word", pieces.mostCharacters());
    }

    @Override
    int unknown() {
        return unknown;
    }

    @Override
    void cut(String text, int from, int to, List<Piece> into) {
        for (BertWords.Word word : words.split(text, from, to)) {
            cut(word, into);
        }
    }

    private void cut(BertWords.Word word, List<Piece> into) {
        String text = word.text();
        int before = into.size();
        boolean known = text.codePointCount(0, text.length()) <= pieces.mostCharacters();
        int start = 0;
        while (known && start < text.length()) {
            Map<String, Integer> among = start == 0 ? vocabulary() : within;
            int end = Math.min(text.length(), start + longest);
            Integer id = among.get(text.substring(start, end));
            while (id == null && end > start + 1) {
                end--;
                id = among.get(text.substring(start, end));
            }
            known = id != null;
            if (known) {
                into.add(new Piece(id, word.starts()[start], word.ends()[end - 1]));
                start = end;
            }
        }
        if (!known) {
            into.subList(before, into.size()).clear();
            into.add(new Piece(unknown, word.starts()[0], word.ends()[text.length() - 1]));
        }
    }
}
