package org.gatefold.train.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.gatefold.op.Arguments;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.Segments.Segment;

/**
 * Parameters of a model that are trained with a learning rate and penalties of their own. Immutable.
 */
public final class ParameterGroup {
    private final String label;
    private final Predicate<String> members;
    private final float rate;
    private final float penalty;

    /** @param penalty negative to leave that of each parameter */
    private ParameterGroup(String label, Predicate<String> members, float rate, float penalty) {
        this.label = label;
        this.members = members;
        this.rate = rate;
        this.penalty = penalty;
    }

    /**
     * The parameters whose whole name fits a pattern in which {@code *} stands for any characters: {@code "embedding.*"},
     * {@code "*.b"}.
     */
    public static ParameterGroup of(String pattern) {
        Arguments.requireGiven("pattern", pattern);
        String[] parts = pattern.split("\\*", -1);
        StringBuilder regex = new StringBuilder(Pattern.quote(parts[0]));
        for (int i = 1; i < parts.length; i++) {
            regex.append(".*").append(Pattern.quote(parts[i]));
        }
        Pattern compiled = Pattern.compile(regex.toString(), Pattern.DOTALL);
        return new ParameterGroup(
                "'" + pattern + "'", name -> compiled.matcher(name).matches(), 1f, -1f);
    }

    /**
     * The parameters whose name a predicate accepts.
     *
     * @param label names the group in messages
     */
    public static ParameterGroup of(String label, Predicate<String> members) {
        Arguments.requireGiven("label", label);
        Arguments.requireGiven("members", members);
        return new ParameterGroup("'" + label + "'", members, 1f, -1f);
    }

    /** Factor on the optimiser's learning rate; 0 leaves the parameters as they are. Frozen parameters stay frozen. */
    public ParameterGroup learningRate(float factor) {
        return new ParameterGroup(label, members, Arguments.requireNotNegative("learningRate", factor), penalty);
    }

    /**
     * Factor on the optimiser's L1, L2 and weight decay, in place of the parameters' own, which is 1 for matrices and 0 for
     * biases and the scales of norms.
     */
    public ParameterGroup penalty(float factor) {
        return new ParameterGroup(label, members, rate, Arguments.requireNotNegative("penalty", factor));
    }

    /**
     * The segments with the factors of the groups that they belong to.
     *
     * @throws IllegalArgumentException if a group has no member, or a parameter is in two of them
     */
    public static Segments apply(List<ParameterGroup> groups, Segments segments) {
        List<Segment> changed = new ArrayList<>(segments.list());
        List<ParameterGroup> owners = new ArrayList<>();
        for (int i = 0; i < changed.size(); i++) {
            owners.add(null);
        }
        for (ParameterGroup group : groups) {
            boolean any = false;
            for (int i = 0; i < changed.size(); i++) {
                Segment segment = segments.list().get(i);
                if (!group.members.test(segment.name())) {
                    continue;
                }
                if (owners.get(i) != null) {
                    throw new IllegalArgumentException("group " + group.label + ": parameter '" + segment.name()
                            + "' is in group " + owners.get(i).label + " too; expected it in one");
                }
                owners.set(i, group);
                changed.set(i, group.within(segment));
                any = true;
            }
            if (!any) {
                throw new IllegalArgumentException("group " + group.label + ": expected some of "
                        + segments.list().stream().map(Segment::name).toList() + ", fits none");
            }
        }
        return new Segments(changed);
    }

    private Segment within(Segment segment) {
        return new Segment(
                segment.name(),
                segment.offset(),
                segment.length(),
                segment.learningRate() * rate,
                penalty < 0f ? segment.penalty() : penalty);
    }
}
