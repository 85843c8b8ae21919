package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainedTokenizerTest {
    private static final Path FILES = Path.of("src/test/resources/org/gatefold/data/text");

    /** Of tokenization_test.py in Google's BERT, and of tests/models/bert in Hugging Face's transformers. */
    private static final String PUBLISHED =
            "[UNK] [CLS] [SEP] want ##want ##ed wa un runn ##ing , [MASK] low lowest".replace(' ', '\n') + "\n";

    @TempDir
    private Path folder;

    /** What Hugging Face's tokenizers give, by ci/interop/Tokenizations.java. */
    @ParameterizedTest
    @CsvSource({"uncased, true", "cased, true", "uncased, false", "cased, false"})
    void givesWhatHuggingFaceGives(String kind, boolean whole) throws IOException {
        PretrainedTokenizer tokenizer = PretrainedTokenizer.read(whole ? FILES.resolve(kind) : words(kind));
        assertAsExpected(tokenizer, FILES.resolve(kind).resolve("expected.jsonl"));
    }

    static void assertAsExpected(PretrainedTokenizer tokenizer, Path expected) throws IOException {
        for (String line : Files.readAllLines(expected)) {
            JsonFields wanted = JsonFields.parse("expected", line);
            String text = wanted.text("text");
            int most = wanted.integer("most", 1, 512);
            String pair = wanted.has("pair") ? wanted.text("pair") : null;
            TokenizedText found = pair == null ? tokenizer.encode(text, most) : tokenizer.encode(text, pair, most);
            assertThat(found.ids()).as(line).containsExactly(integers(wanted, "ids"));
            assertThat(found.types()).as(line).containsExactly(integers(wanted, "types"));
            assertThat(spans(found, text, pair)).as(line).isEqualTo(wanted.integers("spans", 0, 512));
        }
    }

    private static int[] integers(JsonFields fields, String name) {
        return fields.integers(name, 0, Integer.MAX_VALUE).stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** In characters, as the other system counts. */
    private static List<Integer> spans(TokenizedText found, String text, String pair) {
        List<Integer> spans = new ArrayList<>();
        int separators = 0;
        for (int i = 0; i < found.ids().length; i++) {
            boolean special = found.ends()[i] == 0;
            separators += special && i > 0 ? 1 : 0;
            String of = separators == 0 || pair == null ? text : pair;
            spans.add(special ? 0 : of.codePointCount(0, found.starts()[i]));
            spans.add(special ? 0 : of.codePointCount(0, found.ends()[i]));
        }
        return spans;
    }

    private Path words(String kind) throws IOException {
        for (String name : List.of("vocab.txt", "tokenizer_config.json")) {
            Files.copy(FILES.resolve(kind).resolve(name), folder.resolve(name));
        }
        return folder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"uncased", "cased"})
    void isTheSameAfterItWasKept(String kind) throws IOException {
        PretrainedTokenizer read = PretrainedTokenizer.read(FILES.resolve(kind));
        String kept = Json.compact(read.toJson());
        PretrainedTokenizer again = PretrainedTokenizer.of(JsonFields.parse("kept", kept));
        assertAsExpected(again, FILES.resolve(kind).resolve("expected.jsonl"));
        assertThat(Json.compact(again.toJson())).isEqualTo(kept);
        assertThat(again.vocabulary()).isEqualTo(read.vocabulary());
        assertThat(again.size()).isEqualTo(read.vocabulary().size());
    }

    private PretrainedTokenizer published() {
        try {
            Files.writeString(folder.resolve("vocab.txt"), PUBLISHED);
            return PretrainedTokenizer.read(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Integer> ids(PretrainedTokenizer tokenizer, String text) {
        return tokenizer.pieces(text).stream()
                .map(PretrainedTokenizer.Piece::id)
                .toList();
    }

    @Test
    void givesWhatIsPublished() {
        PretrainedTokenizer tokenizer = published();
        assertThat(ids(tokenizer, "UNwant\u00e9d,running")).containsExactly(7, 4, 5, 10, 8, 9);
        assertThat(ids(tokenizer, "unwanted running")).containsExactly(7, 4, 5, 8, 9);
        assertThat(ids(tokenizer, "unwantedX running")).containsExactly(0, 8, 9);
        assertThat(ids(tokenizer, "")).isEmpty();
        assertThat(ids(tokenizer, "[MASK] lowest")).containsExactly(11, 13);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true  | true  | ' \tHeLLo!how  \n Are yoU?  ' | hello ! how are you ?",
                "true  | true  | H\u00e9llo                    | hello",
                "false | false | ' \tHeLLo!how  \n Are yoU?  ' | HeLLo ! how Are yoU ?",
                "true  | true  | ah\u535a\u63a8zz              | ah \u535a \u63a8 zz",
                "true  | false | ' \tH\u00e4LLo!how  \n Are yoU?  ' | h\u00e4llo ! how are you ?",
                "false | true  | ' \tH\u00e4LLo!how  \n Are yoU?  ' | HaLLo ! how Are yoU ?",
            })
    void cutsWordsAsPublished(boolean lower, boolean strip, String text, String words) {
        assertThat(new BertWords(true, true, strip, lower)
                        .split(text, 0, text.length()).stream().map(BertWords.Word::text))
                .containsExactly(words.split(" "));
    }

    @Test
    void knowsTheFirstPieceOfEachWord() {
        PretrainedTokenizer tokenizer = published();
        List<String> words = List.of("unwanted", "running", "\u00ad", "want");
        TokenizedWords whole = tokenizer.encodeWords(words, 512);
        assertThat(whole.text().ids()).containsExactly(1, 7, 4, 5, 8, 9, 0, 3, 2);
        assertThat(whole.firsts()).containsExactly(1, 4, 6, 7);
        assertThat(whole.text().starts()).containsExactly(0, 0, 2, 6, 0, 4, 0, 0, 0);
        TokenizedWords cut = tokenizer.encodeWords(words, 6);
        assertThat(cut.text().ids()).containsExactly(1, 7, 4, 5, 8, 2);
        assertThat(cut.firsts()).containsExactly(1, 4, 5, 5);
    }

    @Test
    void refusesWhatItCannotRead() throws IOException {
        assertThatThrownBy(() -> PretrainedTokenizer.read(folder))
                .isInstanceOf(FileException.class)
                .hasMessage(folder + ": expected tokenizer.json or vocab.txt, found neither");
        Files.writeString(folder.resolve("vocab.txt"), "a\nb\n");
        assertThatThrownBy(() -> PretrainedTokenizer.read(folder))
                .hasMessage(folder.resolve("vocab.txt") + ": expected a line '[UNK]', found none");
        Files.writeString(folder.resolve("vocab.txt"), PUBLISHED);
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"do_basic_tokenize\":false}");
        assertThatThrownBy(() -> PretrainedTokenizer.read(folder))
                .hasMessageContaining("do_basic_tokenize: expected true");
        assertThatThrownBy(() -> published().encode("a", 1)).hasMessageContaining("do_basic_tokenize");
        Files.delete(folder.resolve("tokenizer_config.json"));
        assertThatThrownBy(() -> published().encode("a", 1)).hasMessage("most: expected at least 2 pieces, got 1");
        assertThatThrownBy(() -> published().encode("a", "b", 2)).hasMessage("most: expected at least 3 pieces, got 2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"type\": \"WordPiece\",~\"unk | \"type\": \"Unigram\",~\"unk | model.type: expected WordPiece, got 'Unigram'",
                "\"type\": \"BertNormalizer\" | \"type\": \"Sequence\" | normalizer.type: expected BertNormalizer, got 'Sequence'",
                "\"type\": \"BertPreTokenizer\" | \"type\": \"Whitespace\" | pre_tokenizer.type: expected BertPreTokenizer",
                "\"TemplateProcessing\" | \"ByteLevel\" | post_processor.type: expected BertProcessing or TemplateProcessing",
                "\"unk_token\": \"[UNK]\" | \"unk_token\": \"<unk>\" | model.unk_token: expected a piece of the vocabulary",
                "\"single_word\": false | \"single_word\": true | content: expected a token that is matched as it is written",
                "\"[PAD]\": 0 | \"[PAD]\": -1 | expected a whole number of 0",
                "\"id\": \"[SEP]\",~\"type_id\": 1 | \"id\": \"[SEP]\",~\"type_id\": 0 | expected special tokens as of BERT",
            })
    void namesWhatIsOfAnotherKind(String find, String put, String message) throws IOException {
        String json = Files.readString(FILES.resolve("uncased/tokenizer.json"));
        String from = find.replace('~', '\n');
        assertThat(json).contains(from);
        Files.writeString(folder.resolve("tokenizer.json"), json.replace(from, put.replace('~', '\n')));
        assertThatThrownBy(() -> PretrainedTokenizer.read(folder))
                .isInstanceOf(FileException.class)
                .hasMessageContaining(message);
    }
}
