package org.gatefold.backend.cpu;

import org.gatefold.op.crf.CrfOp;
import org.gatefold.op.crf.CrfScores;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Conditional random fields by the native engine. Thread-safe. */
final class CpuCrfOp extends CpuOperation implements CrfOp {
    CpuCrfOp(Engine engine) {
        super(engine);
    }

    /** The fields of {@code gf_crf}, in their order. */
    private static long[] words(CrfScores scores, Tensor emissions, Lengths lengths) {
        Shape shape = emissions.shape();
        return new long[] {
            shape.dim(0),
            shape.dim(1),
            shape.dim(2),
            scores.transitions().address(),
            scores.start().address(),
            scores.end().address(),
            emissions.address(),
            Addresses.of(lengths)
        };
    }

    @Override
    public void computeLogLikelihood(LikelihoodArguments given) {
        engine.run(
                "log probabilities of labels",
                e -> NativeLibrary.crfLogLikelihood(
                        e,
                        words(given.scores(), given.emissions(), given.lengths()),
                        given.labels().address(),
                        given.y().address()));
    }

    @Override
    public void computeLogLikelihoodBackward(LikelihoodGradients given) {
        engine.run(
                "log probabilities of labels, backward",
                e -> NativeLibrary.crfLogLikelihoodBackward(
                        e,
                        words(given.scores(), given.emissions(), given.lengths()),
                        given.labels().address(),
                        given.dy().address(),
                        given.dEmissions().address(),
                        given.dScores().transitions().address(),
                        given.dScores().start().address(),
                        given.dScores().end().address()));
    }

    @Override
    public void computeDecode(DecodeArguments given) {
        engine.run(
                "best labels",
                e -> NativeLibrary.crfDecode(
                        e,
                        words(given.scores(), given.emissions(), given.lengths()),
                        given.path().address(),
                        given.best().address()));
    }
}
