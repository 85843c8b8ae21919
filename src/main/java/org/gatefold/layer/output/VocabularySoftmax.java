package org.gatefold.layer.output;

import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/**
 * A last layer that gives probabilities of so many classes that training does without all of them. It is trained by {@code Loss.nll()}.
 *
 * <p>Takes {@code [T, B, F]} or {@code [B, F]}. In training that passes through, and the loss computes what it needs; in inference the
 * layer gives the logarithms of the probabilities of all classes, {@code [T, B, V]} or {@code [B, V]}, which serve as logits too.
 */
public abstract class VocabularySoftmax extends LikelihoodLayer {
    /**
     * A softmax cross-entropy that is a part of the negative log-likelihood.
     *
     * @param logits {@code [M, C]}
     * @param labels I32 {@code [M]}
     * @param ignored label of rows that do not count
     * @param weights {@code [M]}; null for 1
     * @param share by what the weighted mean over these rows counts; 1 for the first term
     */
    public record Term(Variable logits, Tensor labels, int ignored, Tensor weights, double share) {}

    /** Checks what comes in, and gives the form of what goes out. */
    final Form requireFeatures(Form in, int vocabulary) {
        if (in.dimensions().size() != 1) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected features [T, B, F] or [B, F], got " + in);
        }
        return in.withFeatures(vocabulary);
    }

    @Override
    protected final Variable apply(Context context, Variable x) {
        if (context.tape() == null) {
            return remembered(context, x, logProbabilities(context, x));
        }
        return remembered(context, x, x.reshape(x.lengths(), x.shape().toArray()));
    }

    /**
     * The logarithms of the probabilities of all classes, for programs that run layers themselves; nothing flows back through them.
     *
     * @param x of the form {@link #input()}
     * @return of the form {@link #output()}, in the arena of the context
     */
    public final Variable logProbabilities(Context context, Variable x) {
        requireBuilt();
        requireInput(x);
        Variable y = Variable.constant(
                context.scope().f32("log probabilities", x.shape().withLast(output().last())), x.lengths());
        computeLogProbabilities(context, x.value().matrix(), y.value().matrix());
        return y;
    }

    /**
     * The mean negative log-likelihood of labels as a sum of cross-entropies, on the tape of the context if it has one.
     *
     * @param pass what the layer was given and gave
     * @param labels I32 {@code [N]}, by row or step; read
     * @param weights {@code [N]}; null for 1; read
     * @param ignored label of rows that do not count
     * @throws IllegalArgumentException if a label of a row that counts is none of the classes
     */
    public final List<Term> terms(
            Context context, Pass<? extends VocabularySoftmax> pass, Tensor labels, Tensor weights, int ignored) {
        int rows = labels.shape().dim(0);
        Variable x = pass.x().reshape(rows, input().last());
        return terms(
                context, x, pass.output().reshape(rows, pass.output().shape().last()), labels, weights, ignored);
    }

    /** {@code [N, F]} to {@code [N, V]}, which is written. */
    abstract void computeLogProbabilities(Context context, Tensor x, Tensor y);

    /** As {@link #terms(Context, Pass, Tensor, Tensor, int)}, of x {@code [N, F]} and the output. */
    abstract List<Term> terms(Context context, Variable x, Variable output, Tensor labels, Tensor weights, int ignored);
}
