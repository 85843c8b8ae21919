package org.gatefold.recipe.classify;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.TextFolder;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.layer.Dropout;
import org.gatefold.layer.TimePooling;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.CsvOptions;
import org.gatefold.recipe.Option;
import org.gatefold.recipe.Options;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.TextOptions;
import org.gatefold.recipe.UsageException;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.BayesPrior;
import org.gatefold.recipe.field.Category;
import org.gatefold.recipe.field.Text;

/**
 * Tells the class of a text, such as what it is about or whether it is kind: words become vectors, a bidirectional LSTM reads them, and the
 * largest of each unit's outputs over the text decide.
 */
public final class Classify implements Recipe {
    private static final Option<String> TEXT =
            Option.text("text", "COLUMN", "The column of texts.").or("text");
    private static final Option<String> LABEL =
            Option.text("label", "COLUMN", "The column of classes.").or("label");
    private static final Option<Integer> EMBEDDING = Option.integer("embedding", "N", "Features of a token's vector.")
            .expecting("at least 1", value -> value >= 1)
            .or(100);

    @Override
    public RecipeDescription describe() {
        return Recipe.named("classify")
                .says("Tells the class of a text, such as its subject or its sentiment.")
                .data("/org/gatefold/data/reviews.csv")
                .synthetic()
                .folders(o -> folder(CsvOptions.charset(o)))
                .inAnyOrder()
                .testOnLast(0.2)
                .trainedAgainOnAll()
                .options(
                        TEXT,
                        LABEL,
                        TextOptions.TOKENS,
                        TextOptions.VOCABULARY,
                        TextOptions.MIN_COUNT,
                        EMBEDDING,
                        TextOptions.VECTORS,
                        TextOptions.FREEZE_VECTORS)
                .input(o -> TextOptions.withVectors(TextOptions.column(o.get(TEXT), o), o))
                .target(o -> Category.column(o.get(LABEL)).named(o.get(LABEL)))
                .prior(o -> BayesPrior.create())
                .network((o, fields) -> List.of(
                        TextOptions.embedding((Text) fields.input(), o.get(EMBEDDING), o),
                        Dropout.of(o.dropout()),
                        lstm(o),
                        TimePooling.max(),
                        Dropout.of(o.dropout())))
                .firstWeights((fields, parameters) -> TextOptions.writeVectors((Text) fields.input(), parameters))
                .baselines(Baseline.majority(), Baseline.naiveBayes())
                .defaults(o -> o.hidden(64)
                        .epochs(15)
                        .batch(32)
                        .learningRate(2e-3)
                        .dropout(0.5)
                        .validation(0.1)
                        .patience(3))
                .note("Files are CSV whose first line names the columns; gzip is fine.");
    }

    /** Characters are few and known by heart less easily. */
    @Override
    public Options complete(Options options, Table data, boolean sample) {
        Tokenizer tokens = options.get(TextOptions.TOKENS);
        if (options.find(TextOptions.VECTORS).isPresent() && tokens == Tokenizer.SUBWORDS) {
            throw new UsageException(TextOptions.VECTORS + ": expected " + TextOptions.TOKENS
                    + " words, spaces or characters, got " + tokens.label());
        }
        Options completed = TextOptions.completeVectors(TextOptions.complete(options), EMBEDDING);
        return tokens == Tokenizer.CHARACTERS ? completed.dropout(0.2) : completed;
    }

    private static RecipeDescription.Folder folder(Charset charset) {
        return new RecipeDescription.Folder() {
            @Override
            public Table read(Path folder) throws IOException {
                return TextFolder.read(folder, charset);
            }

            @Override
            public List<Path> files(Path folder) throws IOException {
                return TextFolder.files(folder);
            }
        };
    }

    private static Lstm lstm(Options options) {
        return options.stacked(Lstm.of(options.hidden())).bidirectional().returnSequences();
    }
}
