import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes what Hugging Face's tokenizers make of texts, for PretrainedTokenizerTest, by the binding of ai.djl.huggingface:tokenizers:0.38.0
 * (with ai.djl:api, slf4j-api and gson on the class path): {@code java -cp … ci/interop/Tokenizations.java FOLDER/tokenizer.json
 * texts.jsonl OUT.jsonl}. Places count characters, not chars.
 */
public final class Tokenizations {
    public static void main(String[] args) throws Exception {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(args[1]))) {
            JsonObject one = JsonParser.parseString(line).getAsJsonObject();
            try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.builder()
                    .optTokenizerPath(Path.of(args[0]))
                    .optPadding(false)
                    .optTruncation(true)
                    .optMaxLength(one.get("most").getAsInt())
                    .build()) {
                String text = one.get("text").getAsString();
                Encoding found = one.has("pair")
                        ? tokenizer.encode(text, one.get("pair").getAsString())
                        : tokenizer.encode(text);
                one.add("ids", array(found.getIds()));
                one.add("types", array(found.getTypeIds()));
                JsonArray spans = new JsonArray();
                for (CharSpan span : found.getCharTokenSpans()) {
                    spans.add(span == null ? 0 : span.getStart());
                    spans.add(span == null ? 0 : span.getEnd());
                }
                one.add("spans", spans);
            }
            lines.add(one.toString());
        }
        Files.write(Path.of(args[2]), lines);
    }

    private static JsonArray array(long... values) {
        JsonArray array = new JsonArray();
        for (long value : values) {
            array.add(value);
        }
        return array;
    }
}
