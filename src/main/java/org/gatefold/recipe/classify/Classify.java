package org.gatefold.recipe.classify;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.JsonLines;
import org.gatefold.data.text.TextFolder;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.AttentionPooling;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.baseline.text.NGrams;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.label.Category;
import org.gatefold.recipe.field.label.ClassBaselines;
import org.gatefold.recipe.field.text.BayesPrior;
import org.gatefold.recipe.field.text.PretrainedText;
import org.gatefold.recipe.field.text.SvmPrior;
import org.gatefold.recipe.field.text.Text;
import org.gatefold.recipe.field.text.TextBaselines;
import org.gatefold.recipe.option.CsvOptions;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.TextOptions;
import org.gatefold.recipe.option.UsageException;

/**
 * Tells the class of a text, such as what it is about or whether it is kind: words become vectors, a convolution finds what neighbours
 * say, a bidirectional LSTM reads that (C-LSTM, Zhou et al. 2015), and the largest of each unit's outputs over the text decide.
 */
public final class Classify implements Recipe {
    private static final Option<String> TEXT =
            Option.text("text", "COLUMN", "The column of texts.").or("text");
    private static final Option<String> LABEL =
            Option.text("label", "COLUMN", "The column of classes.").or("label");
    private static final Option<Integer> EMBEDDING = Option.integer("embedding", "N", "Features of a token's vector.")
            .atLeast(1)
            .or(100);

    private static final Option<Integer> FILTERS = Option.integer(
                    "filters",
                    "N",
                    "Filters of a convolution over three neighbouring tokens, below the recurrent layers; 0 for none.")
            .atLeast(0)
            .or(128)
            .formerly(0);
    private static final Option<Balance> CLASS_WEIGHTS = Option.choice(
                    "class-weights",
                    "KIND",
                    Balance.class,
                    "How much rows of a class count: none, all alike, or balanced, those of rare classes more.")
            .orAlways(Balance.NONE);
    private static final Option<Cell> CELL = Option.choice(
                    "cell", "KIND", Cell.class, "The recurrent layers: lstm, gru or rnn.")
            .orAlways(Cell.LSTM);
    private static final Option<Pooling> POOLING = Option.choice(
                    "pooling",
                    "KIND",
                    Pooling.class,
                    "What is taken of their outputs: the last of each direction, max, mean, or attention by a learned query.")
            .orAlways(Pooling.MAX);
    private static final Option<Double> WORD_DROPOUT = Option.real(
                    "word-dropout", "P", "Probability of reading nothing in place of a token, in training.")
            .share()
            .orAlways(0.0);

    private static final Option<Beside> BESIDE = Option.choice(
                    "beside",
                    "METHOD",
                    Beside.class,
                    "What answers beside the network: nbsvm, linear classifiers of n-grams, naive-bayes or none.")
            .or(Beside.NBSVM)
            .formerly(Beside.NAIVE_BAYES);

    /** Tokens that the convolution looks at together. */
    private static final int KERNEL = 3;

    /** Runs of words and of characters that n-grams are. */
    private static final NGrams OF_WORDS = new NGrams(2);

    private static final NGrams OF_CHARACTERS = new NGrams(4);

    /** Runs of characters beside those of words: five reach from the end of a word over the blank into the next. */
    private static final NGrams BESIDE_WORDS = new NGrams(5);

    private enum Balance {
        NONE,
        BALANCED
    }

    private enum Cell {
        LSTM,
        GRU,
        RNN
    }

    private enum Pooling {
        LAST,
        MAX,
        MEAN,
        ATTENTION
    }

    private enum Beside {
        NBSVM,
        NAIVE_BAYES,
        NONE
    }

    @Override
    public RecipeDescription describe() {
        return Recipe.named("classify")
                .says("Tells the class of a text, such as its subject or its sentiment.")
                .data("/org/gatefold/data/reviews.csv")
                .synthetic()
                .format(
                        JsonLines::isName,
                        o -> (source, stream) -> JsonLines.read(source, stream, CsvOptions.charset(o)))
                .folders(o -> new RecipeDescription.Folder(
                        folder -> TextFolder.read(folder, CsvOptions.charset(o)), TextFolder::files))
                .texts(o -> o.get(TEXT))
                .inAnyOrder()
                .withMembers()
                .testOnLast(0.2)
                .trainedAgainOnAll()
                .options(
                        TEXT,
                        LABEL,
                        TextOptions.TOKENS,
                        TextOptions.VOCABULARY,
                        TextOptions.MIN_COUNT,
                        TextOptions.LONGEST,
                        EMBEDDING,
                        TextOptions.VECTORS,
                        TextOptions.FREEZE_VECTORS,
                        TextOptions.ENCODER,
                        TextOptions.FREEZE,
                        FILTERS,
                        CELL,
                        POOLING,
                        WORD_DROPOUT,
                        CLASS_WEIGHTS,
                        BESIDE)
                .input(Classify::text)
                .target(o -> Category.column(o.get(LABEL))
                        .named(o.get(LABEL))
                        .balanced(o.get(CLASS_WEIGHTS) == Balance.BALANCED))
                .prior(Classify::prior)
                .network(Classify::layers)
                .firstWeights(TextOptions::writePretrained)
                .baselines(o -> List.of(
                        ClassBaselines.majority(), TextBaselines.naiveBayes(), TextBaselines.naiveBayesSvm(grams(o))))
                .defaults(o -> o.hidden(64)
                        .epochs(15)
                        .batch(32)
                        .learningRate(2e-3)
                        .dropout(0.5)
                        .average(0.99)
                        .validation(0.1)
                        .patience(3))
                .note(
                        "Files are CSV, or of other --delimiter, whose first line names the columns, or, where their names end"
                                + " with .jsonl, JSON objects, one a line; gzip is fine. A folder has a folder for each class with a file"
                                + " for each text, or a file for each class with a text in each line.");
    }

    private static Field text(Options options) {
        String column = options.get(TEXT);
        return options.find(TextOptions.ENCODER)
                .<Field>map(folder -> PretrainedText.column(column, folder, options.get(TextOptions.FREEZE)))
                .orElseGet(() -> TextOptions.withVectors(
                        TextOptions.column(column, options).longest(options.get(TextOptions.LONGEST)), options));
    }

    private static NGrams grams(Options options) {
        return options.get(TextOptions.TOKENS) == Tokenizer.CHARACTERS ? OF_CHARACTERS : OF_WORDS;
    }

    private static Prior prior(Options options) {
        return switch (options.get(BESIDE)) {
            case NBSVM ->
                options.get(TextOptions.TOKENS) == Tokenizer.CHARACTERS
                        ? SvmPrior.of(grams(options))
                        : SvmPrior.of(grams(options)).withCharacters(BESIDE_WORDS);
            case NAIVE_BAYES -> BayesPrior.create();
            case NONE -> null;
        };
    }

    /** Characters are few and known by heart less easily. */
    @Override
    public Options complete(Options given, Table data, boolean sample) {
        Options options = TextOptions.completeEncoder(
                given,
                TextOptions.TOKENS,
                TextOptions.VOCABULARY,
                TextOptions.MIN_COUNT,
                TextOptions.LONGEST,
                EMBEDDING,
                TextOptions.VECTORS,
                TextOptions.FREEZE_VECTORS,
                FILTERS);
        Tokenizer tokens = options.get(TextOptions.TOKENS);
        if (options.find(TextOptions.VECTORS).isPresent() && tokens == Tokenizer.SUBWORDS) {
            throw new UsageException(TextOptions.VECTORS + ": expected " + TextOptions.TOKENS
                    + " words, spaces or characters, got " + tokens.label());
        }
        Options completed = TextOptions.completeVectors(TextOptions.complete(options), EMBEDDING);
        return tokens == Tokenizer.CHARACTERS ? completed.dropout(0.2) : completed;
    }

    private static List<Layer> layers(Options options, Fields fields) {
        List<Layer> layers = new ArrayList<>();
        if (fields.input() instanceof PretrainedText text) {
            layers.addAll(text.layers());
        } else {
            layers.add(TextOptions.embedding((Text) fields.input(), options.get(EMBEDDING), options));
        }
        if (options.get(WORD_DROPOUT) > 0) {
            layers.add(Dropout.of(options.get(WORD_DROPOUT).floatValue()).wholeSteps());
        }
        layers.add(Dropout.of(options.dropout()));
        if (!(fields.input() instanceof PretrainedText) && options.get(FILTERS) > 0) {
            layers.add(Conv1d.of(options.get(FILTERS), KERNEL).same());
            layers.add(ActivationLayer.relu());
        }
        boolean steps = options.get(POOLING) != Pooling.LAST;
        layers.add(
                switch (options.get(CELL)) {
                    case LSTM -> recurrent(options, Lstm.of(options.hidden()), steps);
                    case GRU -> recurrent(options, Gru.of(options.hidden()), steps);
                    case RNN -> recurrent(options, Rnn.of(options.hidden()), steps);
                });
        switch (options.get(POOLING)) {
            case MAX -> layers.add(TimePooling.max());
            case MEAN -> layers.add(TimePooling.mean());
            case ATTENTION -> layers.add(AttentionPooling.create());
            case LAST -> {}
        }
        layers.add(Dropout.of(options.dropout()));
        return layers;
    }

    private static <L extends RecurrentLayer<L>> L recurrent(Options options, L layer, boolean steps) {
        L both = options.stacked(layer).bidirectional();
        return steps ? both.returnSequences() : both;
    }
}
