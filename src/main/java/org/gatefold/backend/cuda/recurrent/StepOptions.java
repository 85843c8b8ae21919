package org.gatefold.backend.cuda.recurrent;

import java.nio.ByteBuffer;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * In what a direction's cells depart from their equations, as the kernels read it: {@code StepOptions} in
 * {@code common/recurrent/gate_activation.cuh}, where every field is explained.
 */
public record StepOptions(CellActivations functions, float gateClip, boolean coupled, CellNoise noise) {
    private static final int BYTES = 72;

    /** Those of a direction; 0 is the first or only one. */
    static StepOptions of(RecurrentSpec spec, int direction) {
        return new StepOptions(
                spec.activations(direction),
                spec.options().gateClip(),
                spec.options().coupled(),
                spec.options().noise());
    }

    /** The structure, laid out as in C++. */
    public ByteBuffer bytes() {
        ByteBuffer bytes = KernelArguments.room(BYTES);
        put(bytes, functions.gate());
        put(bytes, functions.candidate());
        put(bytes, functions.output());
        return bytes.putFloat(gateClip)
                .putInt(coupled ? 1 : 0)
                .putFloat(noise.zoneoutH())
                .putFloat(noise.zoneoutC())
                .putFloat(noise.candidateDropout())
                .putFloat(1f / (1f - noise.candidateDropout()))
                .putFloat(noise.recurrentDropout())
                .putFloat(1f / (1f - noise.recurrentDropout()))
                .putInt(noise.drawn() ? 1 : 0)
                .rewind();
    }

    private static void put(ByteBuffer bytes, GateActivation function) {
        bytes.putInt(function.kind().code()).putFloat(function.alpha()).putFloat(function.beta());
    }
}
