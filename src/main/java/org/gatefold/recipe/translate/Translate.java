package org.gatefold.recipe.translate;

import org.gatefold.data.Batches;
import org.gatefold.data.table.CsvFormat;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.TextPairs;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.layer.Initializer;
import org.gatefold.model.Network;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.text.Text;
import org.gatefold.recipe.field.text.Translation;
import org.gatefold.recipe.option.CsvOptions;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.TextOptions;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.seq2seq.EncoderDecoder;
import org.gatefold.seq2seq.EncoderDecoder.Attention;

/**
 * Writes a text for another, such as its translation or a date in another form: a bidirectional LSTM reads, another LSTM writes token by
 * token with attention to what was read, and beam search looks for the likeliest.
 */
public final class Translate implements Recipe {
    private static final Option<String> TARGET_DATA = Option.text(
            "target-data",
            "FILE",
            "What is to be written, line by line beside --data, if that is not behind a tab there.");
    private static final Option<String> TARGET_TEST =
            Option.text("target-test", "FILE", "What is to be written, line by line beside --test.");
    private static final Option<String> SOURCE =
            Option.text("source", "COLUMN", "The column that is read, if files are CSV with names in the first line.");
    private static final Option<String> TARGET =
            Option.text("target", "COLUMN", "The column that is to be written, with --source.");
    private static final Option<Boolean> LOWERCASE = Option.flag("lowercase", "Read and write lower case alone.");
    private static final Option<Integer> EMBEDDING = Option.integer("embedding", "N", "Features of a token's vector.")
            .atLeast(1)
            .or(128);
    private static final Option<Attention> ATTENTION = Option.choice(
                    "attention",
                    "KIND",
                    Attention.class,
                    "How the source is looked at: none, dot, general or additive.")
            .or(Attention.GENERAL);
    private static final Option<Boolean> INPUT_FEEDING =
            Option.flag("input-feeding", "Read also what came out at the step before; slower.");
    private static final Option<Integer> BEAM = Option.integer(
                    "beam", "N", "Beginnings that the search goes on with; 1 takes the likeliest token each time.")
            .atLeast(1)
            .or(4);
    private static final Option<Double> LENGTH_PENALTY = Option.real(
                    "length-penalty",
                    "POWER",
                    "The log-probability of a text is divided by the number of its tokens to this power; less makes shorter texts: 1"
                            + " takes the mean of the tokens', 0 the sum. If not given, 1, 0.8, 0.6 or 0.4, what is best for the rows"
                            + " held back.")
            .expecting("0 to 10", power -> power >= 0 && power <= 10);

    @Override
    public RecipeDescription describe() {
        return Recipe.named("translate")
                .says("Writes a text for another: translations, dates or numbers in another form.")
                .data("/org/gatefold/data/phrases.tsv")
                .synthetic()
                .format(Translate::format)
                .secondFiles(
                        TARGET_DATA,
                        TARGET_TEST,
                        o -> (source, stream) -> TextPairs.lines(source, stream, CsvOptions.charset(o)),
                        (sources, targets) -> ((TextPairs) sources).with((TextPairs) targets))
                .texts(o -> o.find(SOURCE).orElse(TextPairs.SOURCE))
                .inAnyOrder()
                .withMembers()
                .testOnLast(0.1)
                .options(
                        SOURCE,
                        TARGET,
                        CsvOptions.CHARSET,
                        TextOptions.TOKENS,
                        TextOptions.VOCABULARY,
                        TextOptions.MIN_COUNT,
                        LOWERCASE,
                        EMBEDDING,
                        ATTENTION,
                        INPUT_FEEDING,
                        TextOptions.SMOOTHING,
                        BEAM,
                        LENGTH_PENALTY)
                .input(o -> Translation.source(text(o, SOURCE, TextPairs.SOURCE)))
                .target(Translate::target)
                .network((o, fields, inputs) -> network(o, fields))
                .batches((o, data) ->
                        Batches.of(data, o.batch()).shuffled(o.seed()).bucketed())
                .defaults(o -> o.with(TextOptions.TOKENS, Tokenizer.SUBWORDS)
                        .hidden(128)
                        .epochs(10)
                        .batch(32)
                        .learningRate(3e-3)
                        .dropout(0.2)
                        .validation(0.05)
                        .patience(3))
                .note(
                        "Files have a text and what belongs to it in each line, with a tab between; or a text, with --target-data."
                                + " To be answered, texts alone will do.");
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        if (options.find(SOURCE).isPresent() != options.find(TARGET).isPresent()) {
            throw new UsageException(SOURCE + " and " + TARGET + ": expected both, got one");
        }
        if (options.find(SOURCE).isPresent() && options.find(TARGET_DATA).isPresent()) {
            throw new UsageException(SOURCE + ": expected a CSV file, got two files of lines with " + TARGET_DATA);
        }
        return TextOptions.complete(options);
    }

    private static RecipeDescription.Format format(Options options) {
        if (options.find(SOURCE).isPresent()) {
            CsvFormat csv = CsvFormat.detect();
            CsvFormat read = CsvOptions.charset(options) == null ? csv : csv.charset(CsvOptions.charset(options));
            return (source, stream) -> CsvTable.read(source, stream, read);
        }
        return options.find(TARGET_DATA).isPresent()
                ? (source, stream) -> TextPairs.lines(source, stream, CsvOptions.charset(options))
                : (source, stream) -> TextPairs.read(source, stream, CsvOptions.charset(options));
    }

    private static Text text(Options options, Option<String> column, String usual) {
        Text text = TextOptions.column(options.find(column).orElse(usual), options);
        return options.get(LOWERCASE) ? text.lowerCased() : text;
    }

    private static Translation target(Options options) {
        Translation chosen = Translation.of(
                text(options, SOURCE, TextPairs.SOURCE),
                text(options, TARGET, TextPairs.TARGET),
                options.get(BEAM),
                options.get(TextOptions.SMOOTHING).floatValue());
        return options.find(LENGTH_PENALTY)
                .map(power -> chosen.lengthPower(power.floatValue()))
                .orElse(chosen);
    }

    private static Network network(Options options, Fields fields) {
        Text source = (Text) fields.input();
        Translation target = (Translation) fields.target();
        EncoderDecoder.Builder builder = EncoderDecoder.of(
                        source.vocabulary().size(), target.text().vocabulary().size())
                .embedding(options.get(EMBEDDING))
                .units(options.hidden(), 2 * options.hidden())
                .layers(options.layers(), options.layers())
                .bidirectional()
                .attention(options.get(ATTENTION))
                .dropout(options.dropout())
                .precision(options.precision())
                .vectors(Initializer.normal(0.2f))
                .tied();
        return (options.get(INPUT_FEEDING) ? builder.inputFeeding() : builder).network();
    }
}
