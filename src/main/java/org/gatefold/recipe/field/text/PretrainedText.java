package org.gatefold.recipe.field.text;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.text.PretrainedTokenizer;
import org.gatefold.data.text.TaggedTable;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.exchange.bert.Bert;
import org.gatefold.exchange.bert.BertConfig;
import org.gatefold.file.HashedStream;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.recipe.field.Rows;

/**
 * A column of texts as a pretrained encoder reads them, {@link Bert}: pieces of words, special tokens round them. The folder of the encoder
 * is read where the field is fitted and where first weights are made; pieces and configuration are kept with the model, which needs the
 * folder no more. Of a text that is longer than the encoder reads, the beginning is read.
 */
public final class PretrainedText implements TextInput {
    /** The name of the pieces of words. */
    public static final String PIECES = "pieces";

    /** The name of the places of their first pieces. */
    public static final String FIRSTS = "firsts";

    private static final String HASH = "sha256";
    private static final String CONFIG = "config";
    private static final String TOKENIZER = "tokenizer";

    /** How much slower an encoder is trained than what stands on it. */
    private static final float FINE_TUNING = 0.01f;

    private static final float DROPOUT = 0.1f;

    private final String name;
    private final String column;
    private final Source source;
    private final Known known;

    /**
     * Where the encoder comes from.
     *
     * @param frozen whether it is left as it is
     */
    private record Source(Path folder, boolean frozen) {}

    /** What is kept of it. */
    private record Known(BertConfig config, PretrainedTokenizer tokenizer, String hash) {}

    /** @param known null if not fitted */
    private PretrainedText(String name, String column, Source source, Known known) {
        this.name = name;
        this.column = column;
        this.source = source;
        this.known = known;
    }

    /** A column of texts that the encoder's tokenizer cuts. */
    public static PretrainedText column(String column, String folder, boolean frozen) {
        return new PretrainedText(column, column, new Source(Path.of(folder), frozen), null);
    }

    /**
     * A column of words with a blank between, for networks that answer for each: the pieces of all words, and for each word which of them is
     * its first.
     */
    public static List<PretrainedText> words(String column, String folder, boolean frozen) {
        Source source = new Source(Path.of(folder), frozen);
        return List.of(
                new PretrainedText(PIECES, column, source, null), new PretrainedText(FIRSTS, column, source, null));
    }

    @Override
    public String name() {
        return name;
    }

    private Known known() {
        if (known == null) {
            throw new IllegalStateException("field '" + name + "': fit it before rows are encoded");
        }
        return known;
    }

    private PretrainedText with(Known fitted) {
        return new PretrainedText(name, column, source, fitted);
    }

    @Override
    public PretrainedText fit(Rows training) {
        Path folder = source.folder();
        Bert bert = Bert.read(folder);
        try {
            PretrainedTokenizer tokenizer = PretrainedTokenizer.read(folder);
            bert.config().requireRoomFor(folder.toString(), tokenizer.size());
            return with(new Known(bert.config(), tokenizer, hash(bert)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of all files that are read. */
    private String hash(Bert bert) throws IOException {
        MessageDigest all = HashedStream.sha256();
        List<Path> files = new ArrayList<>(bert.files());
        files.addAll(PretrainedTokenizer.files(source.folder()));
        for (Path file : files) {
            try (InputStream stream = Files.newInputStream(file)) {
                all.update(new HashedStream(stream).hash().getBytes(StandardCharsets.US_ASCII));
            }
        }
        return HexFormat.of().formatHex(all.digest());
    }

    @Override
    public void requireUnchanged() throws IOException {
        String now = hash(Bert.read(source.folder()));
        if (!now.equals(known().hash())) {
            throw new IllegalArgumentException(source.folder() + ": has changed since the run began: expected SHA-256 "
                    + known().hash() + ", got " + now + "; bring it back, or begin a new run");
        }
    }

    /** The layers of the encoder, the first to read {@link #PIECES} or the whole column. */
    public List<Layer> layers() {
        return known().config().layers(source.frozen() ? 0 : DROPOUT);
    }

    /** Writes the encoder's weights, and freezes them, or has them trained at a hundredth of the learning rate. */
    public void writeWeights(ParameterStore parameters) {
        Bert.read(source.folder()).writeWeights(parameters);
        parameters.setLearningRate(BertConfig.ENCODER, source.frozen() ? 0 : FINE_TUNING);
    }

    @Override
    public Column encode(Rows rows) {
        PretrainedTokenizer tokenizer = known().tokenizer();
        int most = known().config().positions();
        return Column.tokens(
                Dataset.INPUT,
                rows.text(column).stream()
                        .map(text -> switch (name) {
                            case PIECES ->
                                tokenizer
                                        .encodeWords(TaggedTable.parts(text), most)
                                        .text()
                                        .ids();
                            case FIRSTS ->
                                tokenizer
                                        .encodeWords(TaggedTable.parts(text), most)
                                        .firsts();
                            default -> tokenizer.encode(text, most).ids();
                        })
                        .toArray(int[][]::new));
    }

    /** In lower case, for methods that count words. */
    @Override
    public List<String> texts(Rows rows) {
        return rows.text(column).stream()
                .map(text -> text.toLowerCase(Locale.ROOT))
                .toList();
    }

    @Override
    public List<List<String>> tokens(Rows rows) {
        return rows.text(column).stream().map(Tokenizer.WORDS::tokens).toList();
    }

    @Override
    public String summary() {
        if (known == null || name.equals(FIRSTS)) {
            return "";
        }
        BertConfig config = known.config();
        return (source.frozen() ? "frozen" : "fine-tuned") + " encoder of " + config.layers() + " layers, "
                + config.features() + " features and " + known.tokenizer().size() + " pieces";
    }

    @Override
    public JsonObject state() {
        return Json.object(
                HASH, known().hash(),
                CONFIG, known().config().toJson(),
                TOKENIZER, known().tokenizer().toJson());
    }

    @Override
    public PretrainedText restored(JsonFields state) {
        BertConfig config = BertConfig.of(state.fields(CONFIG));
        PretrainedTokenizer tokenizer = PretrainedTokenizer.of(state.fields(TOKENIZER));
        config.requireRoomFor(TOKENIZER, tokenizer.size());
        return with(new Known(config, tokenizer, state.text(HASH)));
    }
}
