package org.gatefold.recipe.option;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.IntFunction;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.data.text.WordVectors;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.text.PretrainedText;
import org.gatefold.recipe.field.text.PretrainedVectors;
import org.gatefold.recipe.field.text.Text;

/** The options of recipes that read texts as ids of a vocabulary. Stateless. */
public final class TextOptions {
    public static final Option<Tokenizer> TOKENS = Option.choice(
                    "tokens",
                    "KIND",
                    Tokenizer.class,
                    "What a text is cut into: words, spaces, characters or subwords.")
            .or(Tokenizer.WORDS);
    public static final Option<Integer> VOCABULARY = Option.integer(
                    "vocabulary",
                    "N",
                    "Most tokens that are known, the most frequent ones of the rows to train on; by default 8000 subwords.")
            .atLeast(2)
            .or(30_000);
    public static final Option<Integer> MIN_COUNT = Option.integer(
                    "min-count", "N", "How often a token must be in the rows to train on to be known.")
            .atLeast(1)
            .or(2);

    public static final Option<Integer> LONGEST = Option.integer(
                    "longest", "N", "Most tokens of a text that the network reads, the first ones.")
            .atLeast(1)
            .or(5000)
            .formerly(Integer.MAX_VALUE);

    public static final Option<String> VECTORS = Option.text(
            "vectors",
            "FILE",
            "First vectors of words, of word2vec, GloVe or fastText (.vec); words that it does not have begin at random.");
    public static final Option<Boolean> FREEZE_VECTORS = Option.flag(
                    "freeze-vectors", "Leave all vectors of words as they are at first.")
            .formerly(false);

    public static final Option<String> ENCODER = Option.text(
            "encoder",
            "FOLDER",
            "A pretrained encoder of the BERT family below the recurrent layers, as Hugging Face's libraries save one; its pieces"
                    + " of words are read in place of tokens.");
    public static final Option<Boolean> FREEZE = Option.flag(
                    "freeze",
                    "Leave the encoder as it is; else it is trained too, at a hundredth of the learning rate.")
            .formerly(false);

    private static final String EMBEDDING = "embedding";

    private static final int SUBWORDS = 8000;

    /** Most tokens where there are vectors of them: those of rows that come later may be met in the file alone. */
    private static final int WITH_VECTORS = 100_000;

    /** In recipes that write texts token by token. */
    public static final Option<Double> SMOOTHING = Option.real(
                    "smoothing", "SHARE", "Label smoothing: the share of certainty that all tokens get.")
            .share()
            .or(0.1);

    private TextOptions() {}

    /** Chooses how many tokens are known where that was not said. */
    public static Options complete(Options options) {
        return options.get(TOKENS) == Tokenizer.SUBWORDS ? options.with(VOCABULARY, SUBWORDS) : options;
    }

    /**
     * Chooses how many numbers the vectors of tokens have, and how many tokens are known, by a file of vectors if there is one.
     *
     * @param features the option that says how many
     * @throws UsageException if the file has others, or does not go with other options
     */
    public static Options completeVectors(Options options, Option<Integer> features) {
        String file = options.find(VECTORS).orElse(null);
        if (file == null) {
            if (options.get(FREEZE_VECTORS)) {
                throw new UsageException(FREEZE_VECTORS + ": expected " + VECTORS + " too, got none");
            }
            return options;
        }
        int found = features(file);
        Options completed = options.settled(
                        VECTORS, Path.of(file).toAbsolutePath().toString())
                .with(VOCABULARY, WITH_VECTORS)
                .with(features, found);
        if (completed.get(features) != found) {
            throw new UsageException(features + ": expected " + found + ", as many as the vectors of " + file
                    + " have, got " + completed.get(features));
        }
        return completed;
    }

    /**
     * Settles where a pretrained encoder is, if there is to be one.
     *
     * @param others options that say how tokens are read without one
     * @throws UsageException if one of them is given beside it
     */
    public static Options completeEncoder(Options options, Option<?>... others) {
        String folder = options.find(ENCODER).orElse(null);
        if (folder == null) {
            if (options.get(FREEZE)) {
                throw new UsageException(FREEZE + ": expected " + ENCODER + " too, got none");
            }
            return options;
        }
        for (Option<?> other : others) {
            if (options.isGiven(other)) {
                throw new UsageException("expected " + ENCODER + " or " + other + ", got both");
            }
        }
        return options.settled(ENCODER, Path.of(folder).toAbsolutePath().toString());
    }

    private static int features(String file) {
        try {
            return WordVectors.features(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
            throw wrongVectors(e);
        }
    }

    private static UsageException wrongVectors(IllegalArgumentException e) {
        return new UsageException(VECTORS + ": " + e.getMessage(), e);
    }

    /** A text with the vectors that the options say. */
    public static Text withVectors(Text text, Options options) {
        return options.find(VECTORS)
                .map(file -> text.vectors(PretrainedVectors.of(file, (source, stream, wanted) -> {
                    try {
                        return WordVectors.read(source, stream, wanted);
                    } catch (IllegalArgumentException e) {
                        throw wrongVectors(e);
                    }
                })))
                .orElse(text);
    }

    /** The layer that looks up the vectors of a text's tokens; {@link #writeVectors} writes those of a file. */
    public static Embedding embedding(Text text, int features, Options options) {
        Embedding embedding = Embedding.of(text.vocabulary().size(), features)
                .weights(Initializer.normal(0.1f))
                .named(EMBEDDING);
        return options.get(FREEZE_VECTORS) ? embedding.frozen() : embedding;
    }

    /** Writes what was learnt elsewhere of what is read: the weights of an encoder, or vectors of a file; nothing without either. */
    public static void writePretrained(Fields fields, ParameterStore parameters) {
        if (fields.input() instanceof PretrainedText text) {
            text.writeWeights(parameters);
        } else {
            writeVectors((Text) fields.input(), parameters);
        }
    }

    /** Writes the vectors of the tokens that have one in the file that the options name, if they do, for {@link #embedding}. */
    public static void writeVectors(Text text, ParameterStore parameters) {
        IntFunction<float[]> vectors = text.firstVectors().orElse(null);
        if (vectors == null) {
            return;
        }
        Parameter table = parameters.get(EMBEDDING + ".w");
        float[] values = table.value().toFloats();
        int features = table.shape().last();
        for (int id = 0; id < table.shape().dim(0); id++) {
            float[] vector = vectors.apply(id);
            if (vector != null) {
                System.arraycopy(vector, 0, values, id * features, features);
            }
        }
        table.set(values);
    }

    /** A column of texts, cut and known as these options say. */
    public static Text column(String name, Options options) {
        return Text.column(name, options.get(TOKENS), options.get(VOCABULARY), options.get(MIN_COUNT));
    }
}
