package org.gatefold.recipe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.GraphDescription;
import org.gatefold.model.GraphDescription.Step;
import org.gatefold.model.Merge;
import org.gatefold.model.Model;
import org.gatefold.model.ModuleDescription;
import org.gatefold.model.Network;
import org.gatefold.op.Philox;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.seq2seq.EncoderDecoder;

/**
 * Networks that learnt the same from seeds of their own, as one network that answers with the mean of their outputs: the layers below the
 * head of each stand side by side, and the head's linear layer, which reads them all, has the mean of their maps. What else a head has, such
 * as the transitions of a conditional random field, is the mean as well. Encoders and decoders stand side by side in one
 * {@link EncoderDecoder}, which takes the mean at each step that is written.
 *
 * <p>Outputs are logarithms of probabilities but for a constant, or of potentials of a conditional random field, so that the answer is the
 * geometric mean of the members' (a logarithmic opinion pool, Heskes 1998), which is of the same family as each and is decoded once. Where
 * that is no mean of outputs, as where networks say the same at steps of their own, heads and outputs stand side by side too.
 * Immutable.
 */
final class Ensemble {
    private static final String ALL = "members";
    private static final String UNITS = "units";

    private final int count;
    private final Network network;
    /** The layer whose maps have a mean; null where all that members have stands side by side. */
    private final String linear;

    private Ensemble(int count, Network network, String linear) {
        this.count = count;
        this.network = network;
        this.linear = linear;
    }

    /**
     * Networks of one kind as one.
     *
     * @param one what each member is
     * @param head layers at its end that answer
     * @param count members, at least 2
     * @param apart whether outputs of graphs stand side by side in place of a mean
     * @throws IllegalArgumentException if it is neither an {@link EncoderDecoder} nor a graph whose head begins with a linear layer and ends
     *     it
     */
    static Ensemble of(Network one, int head, int count, boolean apart) {
        if (one.description() instanceof GraphDescription graph && isHead(graph, head)) {
            int all = graph.layers().size();
            return apart
                    ? new Ensemble(count, Network.of(joined(graph, all, 0, count)), null)
                    : new Ensemble(
                            count,
                            Network.of(joined(graph, all - head, head, count)),
                            graph.layers().get(all - head).name());
        }
        if (one.description() instanceof ModuleDescription module
                && module.type().equals(EncoderDecoder.class.getName())) {
            return new Ensemble(count, EncoderDecoder.joined(module, count), null);
        }
        throw new IllegalArgumentException(
                "expected networks that are graphs, with a linear layer at the end and what follows it,"
                        + " or an encoder and a decoder");
    }

    /**
     * Networks as the options say, as one.
     *
     * @param one what each member is
     * @throws UsageException if they are larger together than a model can be, or have no mean
     */
    static Ensemble of(Network one, Options options, Fields fields) {
        try {
            Ensemble joined = of(
                    one,
                    fields.target().head().size(),
                    options.get(Options.MEMBERS),
                    fields.target().hearsMembersApart());
            ParameterStore.requireRoom(joined.network.parameters().values());
            return joined;
        } catch (IllegalArgumentException e) {
            throw new UsageException(options.shown(Options.MEMBERS) + ": " + e.getMessage(), e);
        }
    }

    /**
     * Checks that a network of several members answers with their mean: before there was one, all answers stood side by side.
     *
     * @param head layers that answer, not built; none of a decoder
     * @throws IllegalArgumentException if no linear layer gives as many numbers as an answer has
     */
    static void requireAnswers(Network network, List<Layer> head) {
        if (head.isEmpty()) {
            return;
        }
        Object units = head.get(0).description().options().get(UNITS);
        if (network.layers().stream()
                .map(Network.LayerForm::layer)
                .filter(layer -> layer.type().equals(Linear.class.getSimpleName()))
                .noneMatch(layer -> layer.options().get(UNITS).equals(units))) {
            throw new IllegalArgumentException(
                    "holds the answers of several members side by side, as runs did before they were joined "
                            + "to one network; train it anew");
        }
    }

    private static boolean isHead(GraphDescription graph, int head) {
        List<LayerDescription> layers = last(graph.layers(), head);
        List<Step> steps = last(graph.steps(), head);
        for (int i = 0; i < head; i++) {
            boolean follows =
                    i == 0 || steps.get(i).of().equals(List.of(steps.get(i - 1).name()));
            if (!steps.get(i).appliesToOne()
                    || !layers.get(i).name().equals(steps.get(i).layer())
                    || !follows) {
                return false;
            }
        }
        return head > 0 && layers.get(0).type().equals(Linear.class.getSimpleName());
    }

    private static <V> List<V> last(List<V> all, int count) {
        return all.subList(Math.max(0, all.size() - count), all.size());
    }

    /** The options by which a member is trained: the first one's seed is that of the run. */
    static Options options(Options run, int member) {
        return member == 0 ? run : run.settled(Options.SEED, Philox.derive(run.seed(), 0, member));
    }

    private static GraphDescription joined(GraphDescription one, int body, int head, int count) {
        List<Step> own = one.steps().subList(0, one.steps().size() - head);
        List<Step> answering = last(one.steps(), head);
        Map.Entry<String, String> output = one.outputs().entrySet().iterator().next();
        String read = head == 0 ? output.getValue() : answering.get(0).of().get(0);
        List<LayerDescription> layers = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        List<String> side = new ArrayList<>();
        for (int member = 0; member < count; member++) {
            for (LayerDescription layer : one.layers().subList(0, body)) {
                layers.add(new LayerDescription(layer.type(), name(member, layer.name()), layer.options()));
            }
            for (Step step : own) {
                steps.add(new Step(
                        name(member, step.name()),
                        step.layer() == null ? null : name(member, step.layer()),
                        step.merge(),
                        step.state(),
                        values(one, member, step.of())));
            }
            side.addAll(values(one, member, List.of(read)));
        }
        layers.addAll(last(one.layers(), head));
        steps.add(new Step(ALL, null, Merge.CONCATENATE, Step.NO_STATE, side));
        for (int i = 0; i < head; i++) {
            Step step = answering.get(i);
            List<String> of = i == 0 ? List.of(ALL) : step.of();
            steps.add(new Step(step.name(), step.layer(), step.merge(), step.state(), of));
        }
        return new GraphDescription(
                one.inputs(), layers, steps, head == 0 ? Map.of(output.getKey(), ALL) : one.outputs());
    }

    /** What a member's steps read: of the inputs, which are the same for all, and of its own values. */
    private static List<String> values(GraphDescription one, int member, List<String> names) {
        return names.stream()
                .map(name -> one.inputs().containsKey(name) ? name : name(member, name))
                .toList();
    }

    private static String name(int member, String name) {
        return EncoderDecoder.ofMember(member, name);
    }

    /** The network that answers with the mean. */
    Network network() {
        return network;
    }

    /**
     * Writes the weights of members.
     *
     * @param parameters of a model of {@link #network}
     * @param members as many as there are, on any device
     */
    void write(ParameterStore parameters, List<Model> members) {
        Map<String, List<float[]>> each = new LinkedHashMap<>();
        for (int member = 0; member < count; member++) {
            for (Parameter parameter : members.get(member).parameters().list()) {
                float[] values = parameter.value().toFloats();
                String own = name(member, parameter.name());
                if (network.parameters().containsKey(own)) {
                    parameters.get(own).set(values);
                } else {
                    each.computeIfAbsent(parameter.name(), name -> new ArrayList<>())
                            .add(values);
                }
            }
        }
        each.forEach((name, values) -> {
            int rows = name.equals(linear + ".w") ? parameters.get(name).shape().dim(0) : 0;
            parameters.get(name).set(rows > 0 ? sideBySide(rows, values) : mean(values));
        });
    }

    /** The columns of matrices side by side, so that a product with them is the mean of the products with each. */
    private float[] sideBySide(int rows, List<float[]> matrices) {
        int columns = matrices.get(0).length / rows;
        float[] joined = new float[rows * columns * count];
        for (int i = 0; i < joined.length; i++) {
            int row = i / (columns * count);
            int column = i % (columns * count);
            joined[i] = matrices.get(column / columns)[row * columns + column % columns] / count;
        }
        return joined;
    }

    private float[] mean(List<float[]> values) {
        float[] mean = new float[values.get(0).length];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (float[] each : values) {
                sum += each[i];
            }
            mean[i] = (float) (sum / count);
        }
        return mean;
    }
}
