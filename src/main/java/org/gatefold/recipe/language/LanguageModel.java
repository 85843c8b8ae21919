package org.gatefold.recipe.language;

import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.LineTable;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Network;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.text.NextToken;
import org.gatefold.recipe.field.text.RunningText;
import org.gatefold.recipe.option.CsvOptions;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.TextOptions;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.tensor.Form;

/**
 * Tells what follows in a text, word by word or character by character, and so how likely a text is: LSTMs read parallel streams of the
 * running text, with states carried from one window of truncated back-propagation to the next, and with the dropout of AWD-LSTM (Merity et
 * al. 2018).
 */
public final class LanguageModel implements Recipe {
    private static final Option<Integer> EMBEDDING = Option.integer(
                    "embedding", "N", "Features of a token's vector; where it is not said, as many as --hidden.")
            .atLeast(1);
    private static final Option<Integer> BPTT = Option.integer(
                    "bptt", "N", "Steps that gradients go back; states are carried on from there.")
            .atLeast(1)
            .or(35);
    private static final Option<Boolean> TIED =
            Option.flag("tied", "Compute outputs by the vectors of the tokens, which must be as many for both.");
    private static final Option<Double> WEIGHT_DROPOUT = Option.real(
                    "weight-dropout", "P", "Probability of dropping a recurrent weight, in training (DropConnect).")
            .share()
            .or(0.0);

    private static final String VECTORS = "embedding";

    /** Updates that a text is trained for where the number of epochs is not said. */
    private static final int UPDATES = 10_000;

    @Override
    public RecipeDescription describe() {
        return Recipe.named("language-model")
                .says("Tells what follows in a text, and how likely a text is.")
                .data("/org/gatefold/data/garden.txt")
                .synthetic()
                .format(o -> (source, stream) -> LineTable.read(source, stream, CsvOptions.charset(o)))
                .texts(o -> LineTable.TEXT)
                .testOnLast(0.1)
                .options(
                        TextOptions.TOKENS,
                        TextOptions.VOCABULARY,
                        TextOptions.MIN_COUNT,
                        EMBEDDING,
                        BPTT,
                        TIED,
                        WEIGHT_DROPOUT,
                        CsvOptions.CHARSET)
                .input(LanguageModel::text)
                .target(o -> NextToken.of(text(o)).tiedTo(o.get(TIED) ? VECTORS : null))
                .network(LanguageModel::network)
                .batches((o, dataset) -> Batches.of(dataset, dataset.size()).windowed(o.get(BPTT)))
                .defaults(o -> o.with(TextOptions.TOKENS, Tokenizer.SPACES)
                        .hidden(256)
                        .layers(2)
                        .batch(32)
                        .learningRate(3e-3)
                        .dropout(0.2)
                        .validation(0.05)
                        .patience(3))
                .note(
                        "Files are plain text. A line ends with a line feed, which is a token too; what stands in blanks is"
                                + " kept by characters alone.");
    }

    private static RunningText text(Options options) {
        return RunningText.of(TextOptions.column(LineTable.TEXT, options)).streams(options.batch(), options.get(BPTT));
    }

    /** Short texts are read more often. */
    @Override
    public Options complete(Options given, Table data, boolean sample) {
        Options options = TextOptions.complete(given);
        if (options.get(TextOptions.VOCABULARY) < 3) {
            throw new UsageException(TextOptions.VOCABULARY
                    + ": expected at least 3, for unknown tokens, the end of a line and one more, got "
                    + options.get(TextOptions.VOCABULARY));
        }
        options = options.with(EMBEDDING, options.hidden());
        if (options.find(Options.EPOCHS).isPresent()) {
            return options;
        }
        Tokenizer tokenizer = options.get(TextOptions.TOKENS);
        long tokens = data.text(LineTable.TEXT).stream()
                .mapToLong(line -> tokenizer.tokens(line).size() + 1)
                .sum();
        return options.epochsOf(UPDATES, tokens / options.batch() / options.get(BPTT), 5, 30);
    }

    private static Network network(Options options, Fields fields, Map<String, Form> inputs) {
        NextToken target = (NextToken) fields.target();
        int embedding = options.get(EMBEDDING);
        Network.Builder builder = Network.sequential(inputs.values().iterator().next())
                .add(Embedding.of(target.text().vocabulary().size(), embedding)
                        .weights(Initializer.uniform(0.1f))
                        .named(VECTORS));
        for (int layer = 1; layer <= options.layers(); layer++) {
            int units = options.get(TIED) && layer == options.layers() ? embedding : options.hidden();
            builder.add(Dropout.of(options.dropout()).locked())
                    .add(Lstm.of(units)
                            .weightDropout(options.get(WEIGHT_DROPOUT).floatValue())
                            .precision(options.precision())
                            .returnSequences()
                            .stateful());
        }
        builder.add(Dropout.of(options.dropout()).locked());
        for (Layer layer : target.head()) {
            builder.add(layer);
        }
        return builder.build();
    }
}
