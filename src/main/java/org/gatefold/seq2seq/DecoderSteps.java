package org.gatefold.seq2seq;

import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.data.DeviceColumn;
import org.gatefold.decode.StepDecoder;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Tensor;

/** The members of an {@link EncoderDecoder} step by step, all of which read what is chosen by the mean of their logits. One thread. */
final class DecoderSteps implements StepDecoder {
    private final Context context;
    private final List<MemberSteps> members;
    private final int sources;
    private final int vocabulary;
    private long steps;

    /**
     * Reads the sources.
     *
     * @param context whose step has begun
     * @param kept outlives the steps
     */
    DecoderSteps(EncoderDecoder module, Context context, Scope kept, DeviceColumn source) {
        this.context = context;
        members = module.members().stream()
                .map(member -> new MemberSteps(member, context, kept, source))
                .toList();
        sources = members.get(0).sources();
        vocabulary = module.targetVocabulary();
    }

    @Override
    public int sources() {
        return sources;
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public void step(int[] from, int[] tokens, float[] logProbabilities) {
        context.begin(++steps);
        Tensor previous = context.scope().i32("previous", tokens.length / sources, sources);
        previous.write(tokens);
        Variable[] each =
                members.stream().map(member -> member.step(from, previous)).toArray(Variable[]::new);
        Tensor logits = EncoderDecoder.mean(context, each).value().matrix();
        context.op(SoftmaxOp.class).forward(true, logits, logits);
        logits.read(0, logProbabilities, 0, Math.toIntExact(logits.elements()));
    }
}
