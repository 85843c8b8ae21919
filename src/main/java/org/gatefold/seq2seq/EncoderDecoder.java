package org.gatefold.seq2seq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.StepMemory;
import org.gatefold.model.Merge;
import org.gatefold.model.Model;
import org.gatefold.model.Module;
import org.gatefold.model.ModuleDescription;
import org.gatefold.model.Network;
import org.gatefold.op.Arguments;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.tensor.Form;

/**
 * A recurrent encoder that reads a sequence of ids or of features, and a recurrent decoder that writes ids, with attention to what was
 * read: the model of Sutskever et al. 2014, Bahdanau et al. 2015 and Luong et al. 2015, for translation, summaries or transliteration, and
 * of Chan et al. 2016, "Listen, attend and spell", for speech. Made by {@link #of} or {@link #ofFeatures}; trained, saved and loaded as
 * other networks are, and run on new sources by a {@link Translator}.
 *
 * <p>Inputs are {@value #SOURCE}, tokens or features, and {@value #PREVIOUS}, tokens, each with lengths of their own. The second is what
 * the decoder reads (teacher forcing): the symbol that begins a target, then the target. The only output, {@value Model#OUTPUT}, {@code [T, B, V]}, holds the logits
 * of what comes next at each of its steps; the target to learn is the target sequence and the symbol that ends it. {@link #pairs} makes
 * such sets. Padding has no part in anything: neither in encoder, attention and decoder nor in losses.
 *
 * <p>The decoder's first states are the encoder's last ones, layer by layer from the top, both directions side by side; where it has more
 * layers than the encoder, the lower ones begin as the encoder's first did end. Where the sizes differ, or on demand, an affine map and
 * tanh stand between, the same for all layers. With attention, an output h of the decoder and what it attended to, c, become
 * {@code a = tanh(W [c; h])}, from which the logits are computed; by {@link Builder#inputFeeding()} the decoder also reads the a of the
 * step before. Without that, it runs over all steps at once.
 *
 * <p>By {@link Builder#members} it is several such pairs of an encoder and a decoder, which share nothing and are read as one: the logits are
 * the mean of theirs at each step, so that the probabilities are, but for a factor, their geometric mean (a logarithmic opinion pool, Heskes
 * 1998), by which a search goes on for all of them together.
 */
public final class EncoderDecoder extends Module {
    /** The input that is read. */
    public static final String SOURCE = "source";

    /** The input that the decoder reads: the symbol that begins a target, then the target. */
    public static final String PREVIOUS = "previous";

    /** What {@link #pairs} calls the target to learn: the target, then the symbol that ends it. */
    public static final String TARGET = "target";

    /** The id that begins a target unless said otherwise. */
    public static final int START = 1;

    /** The id that ends a target unless said otherwise. */
    public static final int END = 2;

    /** How the decoder looks at what the encoder gave. */
    public enum Attention {
        /** Not at all: the encoder's last states are all that the decoder knows. */
        NONE,
        /** By the dot product (Luong et al. 2015). */
        DOT,
        /** By a matrix between both (Luong et al. 2015). */
        GENERAL,
        /** By a layer of tanh (Bahdanau et al. 2015). */
        ADDITIVE
    }

    private final Builder options;
    private final List<Member> members = new ArrayList<>();

    private EncoderDecoder(Builder options) {
        this.options = options;
        Form source = input(SOURCE, options.features > 0 ? Form.sequences(options.features) : Form.tokens());
        Form previous = input(PREVIOUS, Form.tokens());
        for (int member = 0; member < options.members; member++) {
            members.add(new Member(options, parts(member), source, previous));
        }
        output(Model.OUTPUT, Form.sequences(options.targetVocabulary));
    }

    /** The layers of a member of several have names of their own. */
    private Parts parts(int member) {
        return new Parts() {
            @Override
            public <L extends Layer> L layer(L layer, Form in) {
                if (options.members > 1) {
                    layer.named(ofMember(member, layer.name()));
                }
                return EncoderDecoder.this.layer(layer, in);
            }
        };
    }

    /**
     * What a layer or parameter of a model of one is called in one of several {@link Builder#members}.
     *
     * @param member counted from 0
     */
    public static String ofMember(int member, String name) {
        return "member" + (member + 1) + "-" + name;
    }

    /** Begins a model from one vocabulary to another. */
    public static Builder of(int sourceVocabulary, int targetVocabulary) {
        return new Builder(Arguments.requireAtLeast("sourceVocabulary", 1, sourceVocabulary), 0, targetVocabulary);
    }

    /**
     * Begins a model from sequences of so many features a step, {@code [S, B, features]}, to a vocabulary; {@link Builder#below} says what
     * they pass on their way to the encoder.
     */
    public static Builder ofFeatures(int features, int targetVocabulary) {
        return new Builder(0, Arguments.requireAtLeast("features", 1, features), targetVocabulary);
    }

    /** As {@link #pairs(int[][], int[][], int, int)}, with {@link #START} and {@link #END}. */
    public static Dataset pairs(int[][] sources, int[][] targets) {
        return pairs(sources, targets, START, END);
    }

    /**
     * A set to train on: inputs {@value #SOURCE} and {@value #PREVIOUS}, target {@value #TARGET}.
     *
     * @param sources {@code [row][step]}; rows may differ in length
     * @param targets {@code [row][step]}, without the symbols that begin and end them
     * @param start the id that begins a target
     * @param end the id that ends a target
     */
    public static Dataset pairs(int[][] sources, int[][] targets, int start, int end) {
        Column previous = TeacherForcing.previous(targets, start);
        return Dataset.of(Column.tokens(SOURCE, sources), previous).withTarget(TeacherForcing.next(targets, end));
    }

    /**
     * The network of several members, each of which is as a model of one is described.
     *
     * @param count at least 2; see {@link Builder#members}
     */
    public static Network joined(ModuleDescription one, int count) {
        Map<String, Object> described = new LinkedHashMap<>(one.options());
        described.put(Builder.MEMBERS, count);
        return Network.of(new ModuleDescription(one.type(), described));
    }

    /** Called when a model file is loaded. */
    public static EncoderDecoder described(Options options) {
        return new EncoderDecoder(Builder.described(options));
    }

    @Override
    protected Map<String, Object> options() {
        return options.described();
    }

    /** The type in descriptions. */
    @Override
    public String type() {
        return EncoderDecoder.class.getName();
    }

    @Override
    protected List<Layer> lookUps(String input) {
        return members.stream()
                .map(member -> member.lookUp(input))
                .filter(Objects::nonNull)
                .toList();
    }

    /** The id that begins a target. */
    public int start() {
        return options.start;
    }

    /** The id that ends a target. */
    public int end() {
        return options.end;
    }

    /** Whether the decoder looks at what the encoder gave. */
    public boolean hasAttention() {
        return options.attention != Attention.NONE;
    }

    /** The number of target ids. */
    public int targetVocabulary() {
        return options.targetVocabulary;
    }

    @Override
    protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        Variable source = inputs.get(SOURCE);
        Variable previous = inputs.get(PREVIOUS);
        int rows = source.shape().dim(1);
        if (previous.shape().dim(1) != rows) {
            throw new IllegalArgumentException("input '" + PREVIOUS + "': expected " + rows + " rows as of '" + SOURCE
                    + "', got " + previous.shape().dim(1));
        }
        return Map.of(
                Model.OUTPUT,
                mean(
                        context,
                        members.stream()
                                .map(member -> member.forward(context, source, previous))
                                .toArray(Variable[]::new)));
    }

    /** Checks what is to be read, and ids before they are looked up, by the name of their input. */
    void require(Column... inputs) {
        for (Column input : inputs) {
            if (!input.form().equals(inputs().get(input.name()))) {
                throw new IllegalArgumentException("input '" + input.name() + "': expected "
                        + inputs().get(input.name()) + ", got " + input.form());
            }
            // Those of the first member: all have as many ids.
            lookUps(input.name()).stream()
                    .limit(1)
                    .forEach(table -> input.requireIds("layer '" + table.name() + "'", table.knownIds()));
        }
    }

    /** The mean of what members say. */
    static Variable mean(Context context, Variable... logits) {
        return logits.length == 1 ? logits[0] : Merge.AVERAGE.of(context, logits);
    }

    /** The networks whose mean this is, usually one. */
    List<Member> members() {
        return List.copyOf(members);
    }

    /**
     * How much each step of given targets attends to each that the encoder gave of its source, {@code [T][B][S]}; the mean of the members.
     */
    float[][][] attention(Context context, Variable previous, Variable source) {
        if (!hasAttention()) {
            throw new IllegalStateException("attention: this model has none");
        }
        List<float[][][]> each = members.stream()
                .map(member -> member.weights(context, previous, source))
                .toList();
        float[][][] mean = each.get(0);
        for (int t = 0; t < mean.length; t++) {
            for (int row = 0; row < mean[t].length; row++) {
                for (int s = 0; s < mean[t][row].length; s++) {
                    float sum = 0;
                    for (float[][][] weights : each) {
                        sum += weights[t][row][s];
                    }
                    mean[t][row][s] = sum / each.size();
                }
            }
        }
        return mean;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        members.forEach(member -> member.account(memory, steps, batch));
        if (members.size() > 1) {
            // The sums of two and more, and the mean.
            for (int i = 0; i < members.size(); i++) {
                memory.differentiable((long) steps * batch * options.targetVocabulary);
            }
        }
    }

    /** Options of a model; {@link #network()} makes it. One thread at a time. */
    public static final class Builder {
        private static final String FEATURES = "features";
        private static final String BELOW = "below";
        private static final String MEMBERS = "members";
        private static final int MOST_MEMBERS = 100;
        private static final Initializer USUAL_VECTORS = Initializer.uniform(0.05f);

        final int sourceVocabulary;
        final int features;
        final int targetVocabulary;
        SourceLayers below = SourceLayers.NONE;
        int embedding = 256;
        int encoderUnits = 256;
        int decoderUnits = 256;
        int encoderLayers = 1;
        int decoderLayers = 1;
        int members = 1;
        boolean bidirectional;
        Cell encoderCell = Cell.LSTM;
        Cell decoderCell = Cell.LSTM;
        boolean bridge;
        Attention attention = Attention.GENERAL;
        boolean inputFeeding;
        float dropout;
        boolean tied;
        boolean shared;
        Precision precision = Precision.F32;
        Initializer vectors = USUAL_VECTORS;
        int start = START;
        int end = END;

        /** @param features 0 where ids are read, whose vocabulary else is 0 */
        private Builder(int sourceVocabulary, int features, int targetVocabulary) {
            this.sourceVocabulary = sourceVocabulary;
            this.features = features;
            this.targetVocabulary = Arguments.requireAtLeast("targetVocabulary", 1, targetVocabulary);
        }

        private Builder(Builder other) {
            sourceVocabulary = other.sourceVocabulary;
            features = other.features;
            below = other.below;
            targetVocabulary = other.targetVocabulary;
            embedding = other.embedding;
            encoderUnits = other.encoderUnits;
            decoderUnits = other.decoderUnits;
            encoderLayers = other.encoderLayers;
            decoderLayers = other.decoderLayers;
            members = other.members;
            bidirectional = other.bidirectional;
            encoderCell = other.encoderCell;
            decoderCell = other.decoderCell;
            bridge = other.bridge;
            attention = other.attention;
            inputFeeding = other.inputFeeding;
            dropout = other.dropout;
            tied = other.tied;
            shared = other.shared;
            precision = other.precision;
            vectors = other.vectors;
            start = other.start;
            end = other.end;
        }

        static Builder described(Options options) {
            int target = options.integer("targetVocabulary");
            Builder made = (options.has(FEATURES)
                            ? ofFeatures(options.integer(FEATURES), target)
                            : of(options.integer("sourceVocabulary"), target))
                    .embedding(options.integer("embedding"))
                    .units(options.integer("encoderUnits"), options.integer("decoderUnits"))
                    .layers(options.integer("encoderLayers"), options.integer("decoderLayers"))
                    .cells(options.constant("encoderCell", Cell.class), options.constant("decoderCell", Cell.class))
                    .attention(options.constant("attention", Attention.class))
                    .dropout(options.real("dropout"))
                    .symbols(options.integer("start"), options.integer("end"));
            if (options.has(BELOW)) {
                made.below = SourceLayers.described(options.map(BELOW));
            }
            made.members(options.has(MEMBERS) ? options.integer(MEMBERS) : 1);
            made.bidirectional = options.flag("bidirectional");
            made.bridge = options.flag("bridge");
            made.inputFeeding = options.flag("inputFeeding");
            made.tied = options.flag("tied");
            made.shared = options.flag("shared");
            made.precision = options.has("precision") ? options.constant("precision", Precision.class) : Precision.F32;
            made.vectors = options.has("vectors") ? options.initializer("vectors") : USUAL_VECTORS;
            return made;
        }

        private Map<String, Object> described() {
            Map<String, Object> described = features > 0
                    ? Options.written(FEATURES, features)
                    : Options.written("sourceVocabulary", sourceVocabulary);
            if (!below.equals(SourceLayers.NONE)) {
                described.put(BELOW, below.written());
            }
            described.putAll(Options.written(
                    "targetVocabulary", targetVocabulary,
                    "embedding", embedding,
                    "encoderUnits", encoderUnits,
                    "decoderUnits", decoderUnits,
                    "encoderLayers", encoderLayers,
                    "decoderLayers", decoderLayers,
                    "bidirectional", bidirectional,
                    "encoderCell", Options.text(encoderCell),
                    "decoderCell", Options.text(decoderCell),
                    "bridge", bridge,
                    "attention", Options.text(attention),
                    "inputFeeding", inputFeeding,
                    "dropout", dropout,
                    "tied", tied,
                    "shared", shared));
            if (members > 1) {
                described.put(MEMBERS, members);
            }
            if (precision != Precision.F32) {
                described.put("precision", Options.text(precision));
            }
            if (!vectors.equals(USUAL_VECTORS)) {
                described.put("vectors", vectors.toString());
            }
            described.put("start", start);
            described.put("end", end);
            return described;
        }

        /**
         * Layers that what is read passes before the encoder, behind the vectors of ids if these are read; none by default. They take
         * sequences and give sequences, perhaps of fewer steps, as pooling over steps does (Chan et al. 2016, 3.1).
         *
         * @param layers not built, of which the model has copies that are called {@code source-1-conv1d} and so on
         */
        public Builder below(List<? extends Layer> layers) {
            below = SourceLayers.of(layers);
            return this;
        }

        /** Features of the vectors of ids, of both sides; 256 by default. */
        public Builder embedding(int features) {
            embedding = Arguments.requireAtLeast("embedding", 1, features);
            return this;
        }

        /** Units of encoder and decoder; 256 by default. */
        public Builder units(int units) {
            return units(units, units);
        }

        /**
         * Units of the encoder, in each direction, and of the decoder. Attention compares outputs of the decoder with those of the
         * encoder; where these are not of one size, a linear map of the encoder's stands before.
         */
        public Builder units(int ofEncoder, int ofDecoder) {
            encoderUnits = Arguments.requireAtLeast("units of the encoder", 1, ofEncoder);
            decoderUnits = Arguments.requireAtLeast("units of the decoder", 1, ofDecoder);
            return this;
        }

        /** Stacked layers of encoder and decoder; 1 by default. */
        public Builder layers(int ofEncoder, int ofDecoder) {
            encoderLayers = Arguments.requireAtLeast("layers of the encoder", 1, ofEncoder);
            decoderLayers = Arguments.requireAtLeast("layers of the decoder", 1, ofDecoder);
            return this;
        }

        /**
         * So many networks as this says, read as one whose logits are the mean of theirs; 1 by default. Usually each is trained by itself, as a
         * model of one, and its weights are written by the names of {@link EncoderDecoder#ofMember}.
         *
         * @param count at least 1, and at most {@value #MOST_MEMBERS}
         */
        public Builder members(int count) {
            members = Arguments.requireAtLeast("members", 1, count);
            if (count > MOST_MEMBERS) {
                throw new IllegalArgumentException("members: expected 1 to " + MOST_MEMBERS + ", got " + count);
            }
            return this;
        }

        /** Lets the encoder read in both directions. */
        public Builder bidirectional() {
            bidirectional = true;
            return this;
        }

        /** The cells of encoder and decoder, {@link Cell#LSTM} by default. */
        public Builder cells(Cell ofEncoder, Cell ofDecoder) {
            encoderCell = requireGated("cell of the encoder", ofEncoder);
            decoderCell = requireGated("cell of the decoder", ofDecoder);
            return this;
        }

        private static Cell requireGated(String argument, Cell cell) {
            if (cell != Cell.LSTM && cell != Cell.GRU) {
                throw new IllegalArgumentException(argument + ": expected LSTM or GRU, got " + cell);
            }
            return cell;
        }

        /** Puts an affine map and tanh between the encoder's last states and the decoder's first ones even where sizes are equal. */
        public Builder bridge() {
            bridge = true;
            return this;
        }

        /** How the decoder looks at what the encoder gave; {@link Attention#GENERAL} by default. */
        public Builder attention(Attention kind) {
            if (kind == null) {
                throw new IllegalArgumentException("attention: expected one of its kinds, got null");
            }
            attention = kind;
            return this;
        }

        /**
         * Lets the decoder read beside each id what came out at the step before (Luong et al. 2015, 3.3). Its steps are then computed one
         * after the other.
         */
        public Builder inputFeeding() {
            inputFeeding = true;
            return this;
        }

        /** Drops vectors of ids, outputs between layers and what logits are computed from with probability p, in training only. */
        public Builder dropout(float p) {
            dropout = Arguments.requireProbability("dropout", p);
            return this;
        }

        /** Computes logits by the table of target vectors (Press and Wolf 2017), after a map to their size where that differs. */
        public Builder tied() {
            tied = true;
            return this;
        }

        /** One table of vectors for both sides, whose vocabularies are one. */
        public Builder shared() {
            shared = true;
            return this;
        }

        /**
         * The first vectors of ids, of both sides; uniform up to 0.05 by default. Larger ones, such as normal of 0.2, let attention be learnt
         * sooner where they are few.
         */
        public Builder vectors(Initializer initializer) {
            if (initializer == null) {
                throw new IllegalArgumentException("vectors: expected an initializer, got null");
            }
            vectors = initializer;
            return this;
        }

        /** How products of the recurrent layers are computed; {@link Precision#F32} by default. */
        public Builder precision(Precision value) {
            if (value == null) {
                throw new IllegalArgumentException("precision: expected one of its kinds, got null");
            }
            precision = value;
            return this;
        }

        /** The ids that begin and end a target; {@value EncoderDecoder#START} and {@value EncoderDecoder#END} by default. */
        public Builder symbols(int ofStart, int ofEnd) {
            start = requireSymbol("start", ofStart);
            end = requireSymbol("end", ofEnd);
            return this;
        }

        private int requireSymbol(String argument, int id) {
            if (id < 0 || id >= targetVocabulary) {
                throw new IllegalArgumentException(argument + ": expected 0 to " + (targetVocabulary - 1)
                        + " in a target vocabulary of " + targetVocabulary + ", got " + id);
            }
            return id;
        }

        /**
         * The network.
         *
         * @throws IllegalArgumentException if a symbol is not in the target vocabulary, or a table is to be shared by unequal vocabularies
         */
        public Network network() {
            requireSymbol("start", start);
            requireSymbol("end", end);
            if (shared && features > 0) {
                throw new IllegalArgumentException("shared: expected a source of ids, got one of features");
            }
            if (shared && sourceVocabulary != targetVocabulary) {
                throw new IllegalArgumentException("shared: expected vocabularies of one size, got " + sourceVocabulary
                        + " and " + targetVocabulary);
            }
            Builder fixed = new Builder(this);
            return Network.of(() -> new EncoderDecoder(fixed));
        }
    }
}
