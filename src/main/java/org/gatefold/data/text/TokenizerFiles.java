package org.gatefold.data.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;

/** Reads the files that describe a {@link PretrainedTokenizer}, in the forms of Hugging Face's libraries. Stateless. */
final class TokenizerFiles {
    private static final String WHOLE = "tokenizer.json";
    private static final String CONFIG = "tokenizer_config.json";
    private static final String WORDS = "vocab.txt";

    private static final int MOST_BYTES = 64 << 20;
    private static final int MOST_PIECES = 4 << 20;
    private static final int MOST_CHARACTERS = 100;

    private TokenizerFiles() {}

    static List<Path> of(Path folder) {
        return Stream.of(WHOLE, CONFIG, WORDS)
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .toList();
    }

    static PretrainedTokenizer read(Path folder) throws IOException {
        Path whole = folder.resolve(WHOLE);
        if (Files.isRegularFile(whole)) {
            return of(JsonFields.read(whole, MOST_BYTES));
        }
        Path words = folder.resolve(WORDS);
        if (!Files.isRegularFile(words)) {
            throw new FileException(
                    folder.toString(), "", "expected " + WHOLE + " or " + WORDS + ", found neither", null);
        }
        Path config = folder.resolve(CONFIG);
        return ofWords(
                words,
                Files.isRegularFile(config)
                        ? JsonFields.read(config, MOST_BYTES)
                        : JsonFields.of(config.toString(), new JsonObject()));
    }

    /** A piece in each line, whose number is its id. */
    private static PretrainedTokenizer ofWords(Path file, JsonFields config) throws IOException {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        String text = Json.text(file, MOST_BYTES);
        int id = 0;
        for (String line : (text.endsWith("\n") ? text.substring(0, text.length() - 1) : text).split("\n", -1)) {
            vocabulary.put(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line, id++);
        }
        if (!flag(config, "do_basic_tokenize", true)) {
            throw config.wrong("do_basic_tokenize", "expected true; texts that were cut before are not read", null);
        }
        boolean lower = flag(config, "do_lower_case", true);
        String unknown = token(config, "unk_token", "[UNK]");
        String begin = token(config, "cls_token", "[CLS]");
        String end = token(config, "sep_token", "[SEP]");
        for (String needed : List.of(unknown, begin, end)) {
            if (!vocabulary.containsKey(needed)) {
                throw new FileException(file.toString(), "", "expected a line '" + needed + "', found none", null);
            }
        }
        List<PretrainedTokenizer.Added> added = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>(List.of(
                unknown, begin, end, token(config, "pad_token", "[PAD]"), token(config, "mask_token", "[MASK]")));
        for (String name : names) {
            if (vocabulary.containsKey(name)) {
                added.add(new PretrainedTokenizer.Added(name, vocabulary.get(name), false));
            }
        }
        return new WordPiece(
                vocabulary,
                new PretrainedTokenizer.Special(vocabulary.get(begin), vocabulary.get(end)),
                added,
                new BertWords(
                        true,
                        flag(config, "tokenize_chinese_chars", true),
                        flag(config, "strip_accents", lower),
                        lower),
                new WordPiece.Pieces(unknown, "##", MOST_CHARACTERS));
    }

    /** A flag that may be left out or null. */
    private static boolean flag(JsonFields fields, String name, boolean otherwise) {
        return (fields.has(name) && !fields.isNull(name)) ? fields.flag(name) : otherwise;
    }

    /** A token as a text, or as an object that tells more of it. */
    private static String token(JsonFields config, String name, String otherwise) {
        if (!config.has(name) || config.isNull(name)) {
            return otherwise;
        }
        return config.tree().get(name).isJsonObject() ? config.fields(name).text("content") : config.text(name);
    }

    static PretrainedTokenizer of(JsonFields json) {
        JsonFields model = json.fields("model");
        require(model, "type", "WordPiece");
        Map<String, Integer> vocabulary = vocabulary(model);
        BertWords words = words(json);
        List<PretrainedTokenizer.Added> added = added(json, vocabulary, words);
        WordPiece.Pieces pieces = new WordPiece.Pieces(
                model.text("unk_token"),
                model.text("continuing_subword_prefix"),
                model.integer("max_input_chars_per_word", 1, Integer.MAX_VALUE));
        if (!vocabulary.containsKey(pieces.unknown())) {
            throw model.wrong("unk_token", "expected a piece of the vocabulary, got '" + pieces.unknown() + "'", null);
        }
        return new WordPiece(vocabulary, special(json, vocabulary), added, words, pieces);
    }

    private static void require(JsonFields fields, String name, String expected) {
        String found = fields.text(name);
        if (!found.equals(expected)) {
            throw fields.wrong(name, "expected " + expected + ", got '" + found + "'", null);
        }
    }

    private static Map<String, Integer> vocabulary(JsonFields model) {
        JsonFields pieces = model.fields("vocab");
        if (pieces.names().isEmpty()) {
            throw model.wrong("vocab", "expected at least one piece, got none", null);
        }
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (String piece : pieces.names()) {
            vocabulary.put(piece, pieces.integer(piece, 0, MOST_PIECES));
        }
        return vocabulary;
    }

    private static BertWords words(JsonFields json) {
        JsonFields normalizer = json.fields("normalizer");
        require(normalizer, "type", "BertNormalizer");
        require(json.fields("pre_tokenizer"), "type", "BertPreTokenizer");
        boolean lower = normalizer.flag("lowercase");
        return new BertWords(
                flag(normalizer, "clean_text", true),
                flag(normalizer, "handle_chinese_chars", true),
                flag(normalizer, "strip_accents", lower),
                lower);
    }

    /** Adds the tokens that are matched before words are cut to the vocabulary, and lists them. */
    private static List<PretrainedTokenizer.Added> added(
            JsonFields json, Map<String, Integer> vocabulary, BertWords words) {
        List<PretrainedTokenizer.Added> added = new ArrayList<>();
        for (JsonFields token : json.list("added_tokens", MOST_PIECES)) {
            String name = token.text("content");
            int id = token.integer("id", 0, MOST_PIECES);
            boolean folded = flag(token, "normalized", false)
                    && (words.lowerCase() || words.stripAccents())
                    && !flag(token, "special", false);
            if (name.isEmpty() || flag(token, "single_word", false) || flag(token, "rstrip", false) || folded) {
                throw token.wrong(
                        "content",
                        "expected a token that is matched as it is written, got '" + name
                                + "', which is matched as a whole word, with blanks behind it or in lower case",
                        null);
            }
            vocabulary.put(name, id);
            added.add(new PretrainedTokenizer.Added(name, id, flag(token, "lstrip", false)));
        }
        return added;
    }

    private static PretrainedTokenizer.Special special(JsonFields json, Map<String, Integer> vocabulary) {
        JsonFields processor = json.fields("post_processor");
        String type = processor.text("type").toLowerCase(Locale.ROOT);
        List<Integer> ids =
                switch (type) {
                    case "bertprocessing" -> List.of(id(processor, "cls"), id(processor, "sep"));
                    case "templateprocessing" -> template(processor, vocabulary);
                    default ->
                        throw processor.wrong(
                                "type",
                                "expected BertProcessing or TemplateProcessing, got '" + processor.text("type") + "'",
                                null);
                };
        return new PretrainedTokenizer.Special(ids.get(0), ids.get(1));
    }

    /** {@code ["[CLS]", 101]}. */
    private static int id(JsonFields processor, String name) {
        JsonElement pair = processor.tree().get(name);
        if (pair instanceof JsonArray array && array.size() == 2) {
            JsonObject second = new JsonObject();
            second.add(name, array.get(1));
            return JsonFields.of(WHOLE, second).integer(name, 0, MOST_PIECES);
        }
        throw processor.wrong(name, "expected a token and its id, got " + pair, null);
    }

    /** Single: begin, A, end; pair: begin, A, end, B, end, of type 1 from B on. */
    private static List<Integer> template(JsonFields processor, Map<String, Integer> vocabulary) {
        List<String> single = template(processor, "single");
        List<String> pair = template(processor, "pair");
        if (single.size() == 3 && single.get(1).equals("A 0")) {
            String begin = single.get(0);
            String end = single.get(2);
            String typed = end.substring(0, end.length() - 1) + "1";
            if (pair.equals(List.of(begin, "A 0", end, "B 1", typed))) {
                Map<String, Integer> known = new HashMap<>();
                vocabulary.forEach((name, id) -> known.put("[" + name + " 0", id));
                if (known.containsKey(begin) && known.containsKey(end)) {
                    return List.of(known.get(begin), known.get(end));
                }
            }
        }
        throw processor.wrong(
                "single", "expected special tokens as of BERT, got " + single + " and for pairs " + pair, null);
    }

    /** What stands in a template, with its type; the names of special tokens behind a bracket. */
    private static List<String> template(JsonFields processor, String name) {
        List<String> parts = new ArrayList<>();
        for (JsonFields part : processor.list(name, 16)) {
            boolean token = part.has("SpecialToken");
            JsonFields inner = part.fields(token ? "SpecialToken" : "Sequence");
            parts.add((token ? "[" : "") + inner.text("id") + " " + inner.integer("type_id", 0, 1));
        }
        return parts;
    }
}
