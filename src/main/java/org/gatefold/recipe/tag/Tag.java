package org.gatefold.recipe.tag;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.TaggedTable;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.text.Characters;
import org.gatefold.recipe.field.text.PretrainedText;
import org.gatefold.recipe.field.text.Tags;
import org.gatefold.recipe.field.text.Text;
import org.gatefold.recipe.option.CsvOptions;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.TextOptions;
import org.gatefold.tensor.Form;

/**
 * Tags the words of sentences, such as names or parts of speech: of each word its vector, what a convolution over its characters
 * finds (Ma and Hovy 2016), and how it is written, in capitals, digits and marks (Collobert et al. 2011, section 6.1); a bidirectional LSTM
 * reads them, and a conditional random field decides on whole sentences.
 */
public final class Tag implements Recipe {
    private static final Option<Integer> WORDS = features("words", "Features of a word's vector.", 100);
    private static final Option<Integer> CHARACTERS =
            features("characters", "Features of a word that its characters tell.", 50);
    private static final Option<Integer> SHAPES = Option.integer(
                    "shapes", "N", "Features of a word's shape, that is of its capitals, digits and marks; 0 for none.")
            .atLeast(0)
            .or(16)
            .formerly(0);
    private static final Option<Double> WORD_DROPOUT = Option.real(
                    "word-dropout",
                    "P",
                    "Probability of reading a word by its characters and shape alone, in training.")
            .share()
            .or(0.3);
    private static final Option<Boolean> NO_CRF =
            Option.flag("no-crf", "Decide on each word by itself, without a conditional random field.");

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    /** What words' shapes are called among the inputs. */
    private static final String SHAPE = "shapes";

    /** Most shapes that are known, the most frequent ones. */
    private static final int MOST_SHAPES = 100;

    /** Features of a character's vector. */
    private static final int CHARACTER = 30;

    /** Characters that the convolution looks at together. */
    private static final int KERNEL = 3;

    private static Option<Integer> features(String name, String description, int count) {
        return Option.integer(name, "N", description).atLeast(1).or(count);
    }

    @Override
    public RecipeDescription describe() {
        return Recipe.named("tag")
                .says("Tags the words of sentences: names of persons and places, parts of speech.")
                .data("/org/gatefold/data/names.conll")
                .synthetic()
                .format(o -> (source, stream) -> TaggedTable.read(source, stream, CsvOptions.charset(o)))
                .texts(o -> TaggedTable.TOKENS, text -> BLANKS.matcher(text.strip())
                        .replaceAll(" "))
                .testOnLast(0.2)
                .trainedAgainOnAll()
                .withMembers()
                .options(
                        WORDS,
                        CHARACTERS,
                        SHAPES,
                        WORD_DROPOUT,
                        NO_CRF,
                        TextOptions.VOCABULARY,
                        TextOptions.MIN_COUNT,
                        TextOptions.VECTORS,
                        TextOptions.FREEZE_VECTORS,
                        TextOptions.ENCODER,
                        TextOptions.FREEZE,
                        CsvOptions.CHARSET)
                .inputs(Tag::inputs)
                .target(o -> Tags.columns(TaggedTable.TOKENS, TaggedTable.TAGS).crf(!o.get(NO_CRF)))
                .network(Tag::network)
                .firstWeights(TextOptions::writePretrained)
                .defaults(o -> o.hidden(100)
                        .epochs(15)
                        .batch(8)
                        .learningRate(2e-3)
                        .dropout(0.4)
                        .average(0.998)
                        .validation(0.1)
                        .patience(5))
                .note(
                        "Files have a word in a line, first the word and last its tag, and an empty line behind each sentence.");
    }

    private static List<? extends Field> inputs(Options options) {
        String folder = options.find(TextOptions.ENCODER).orElse(null);
        if (folder != null) {
            return PretrainedText.words(TaggedTable.TOKENS, folder, options.get(TextOptions.FREEZE));
        }
        List<Field> read = new ArrayList<>(List.of(
                words(options), Characters.column(TaggedTable.TOKENS).atLeast(options.get(TextOptions.MIN_COUNT))));
        if (options.get(SHAPES) > 0) {
            read.add(Text.column(TaggedTable.TOKENS, Tokenizer.SPACES, MOST_SHAPES, 1)
                    .shapes()
                    .named(SHAPE));
        }
        return read;
    }

    private static Text words(Options options) {
        Text words = Text.column(
                        TaggedTable.TOKENS,
                        Tokenizer.SPACES,
                        options.get(TextOptions.VOCABULARY),
                        options.get(TextOptions.MIN_COUNT))
                .lowerCased();
        return TextOptions.withVectors(words, options);
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        Options completed = TextOptions.completeEncoder(
                options,
                WORDS,
                CHARACTERS,
                SHAPES,
                WORD_DROPOUT,
                TextOptions.VOCABULARY,
                TextOptions.MIN_COUNT,
                TextOptions.VECTORS,
                TextOptions.FREEZE_VECTORS);
        return TextOptions.completeVectors(completed, WORDS);
    }

    private static Network network(Options options, Fields fields, Map<String, Form> inputs) {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = fields.input() instanceof PretrainedText text
                ? encoded(graph, text, inputs)
                : looked(graph, options, fields, inputs);
        x = graph.layer(Dropout.of(options.dropout()), x);
        x = graph.layer(
                options.stacked(Lstm.of(options.hidden())).bidirectional().returnSequences(), x);
        x = graph.layer(Dropout.of(options.dropout()), x);
        for (Layer layer : fields.target().head()) {
            x = graph.layer(layer, x);
        }
        return graph.output(Model.OUTPUT, x).build();
    }

    /** Of each word what an encoder gives for its first piece. */
    private static Graph.Node encoded(Graph.Builder graph, PretrainedText text, Map<String, Form> inputs) {
        Graph.Node x = graph.input(PretrainedText.PIECES, inputs.get(PretrainedText.PIECES));
        Graph.Node firsts = graph.input(PretrainedText.FIRSTS, inputs.get(PretrainedText.FIRSTS));
        for (Layer layer : text.layers()) {
            x = graph.layer(layer, x);
        }
        return graph.gather(x, firsts);
    }

    /** Of each word its vector, what a convolution finds in its characters, and its shape unless that is not read. */
    private static Graph.Node looked(Graph.Builder graph, Options options, Fields fields, Map<String, Form> inputs) {
        Text words = (Text) fields.inputs().get(0);
        Characters characters = (Characters) fields.inputs().get(1);
        Initializer first = Initializer.normal(0.1f);
        Graph.Node word = graph.input(words.name(), inputs.get(words.name()));
        Graph.Node letters = graph.input(characters.name(), inputs.get(characters.name()));
        Graph.Node shape = fields.inputs().size() == 2 ? null : graph.input(SHAPE, inputs.get(SHAPE));
        word = graph.layer(TextOptions.embedding(words, options.get(WORDS), options), word);
        word = graph.layer(Dropout.of(options.get(WORD_DROPOUT).floatValue()).wholeSteps(), word);
        letters = graph.layer(
                Embedding.of(characters.vocabulary().size(), CHARACTER)
                        .paddingId(Characters.EMPTY_ID)
                        .weights(first),
                letters);
        letters = graph.layer(Conv1d.of(options.get(CHARACTERS), KERNEL).same(), letters);
        letters = graph.layer(MaxPool1d.of(Characters.PLACES), letters);
        if (shape == null) {
            return graph.concatenate(word, letters);
        }
        Text shapes = (Text) fields.inputs().get(2);
        Embedding features =
                Embedding.of(shapes.vocabulary().size(), options.get(SHAPES)).weights(first);
        return graph.concatenate(word, letters, graph.layer(features, shape));
    }
}
