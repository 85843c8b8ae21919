package org.gatefold.backend.cpu;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.IntBuffer;
import java.util.Optional;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Call;

/** Recurrent layers by the native engine: every cell and option, in single precision and bfloat16. */
final class CpuRecurrentOp extends CpuOperation implements RecurrentOp {
    private static final int WORDS = 44;

    CpuRecurrentOp(Engine engine) {
        super(engine);
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
        if (spec.precision() != Precision.F32 && spec.precision() != Precision.BF16) {
            return Optional.of(
                    "it multiplies in " + Precision.F32 + " and " + Precision.BF16 + ", not in " + spec.precision());
        }
        return Optional.empty();
    }

    @Override
    public Footprint footprint(RecurrentSpec spec, Mode mode) {
        int[] words = words(spec, mode);
        Call call = Call.begin();
        try {
            long handle = engine.handle();
            long packed = NativeLibrary.recurrentPackedBytes(handle, words);
            long workspace = NativeLibrary.recurrentWorkspaceBytes(handle, words);
            long reserve = NativeLibrary.recurrentReserveBytes(handle, words);
            if (packed < 0 || workspace < 0 || reserve < 0) {
                throw new IllegalStateException("the native engine refuses " + spec);
            }
            return new Footprint(packed + workspace, reserve);
        } finally {
            call.end();
        }
    }

    @Override
    @MustBeClosed
    public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
        return scope.child("recurrent plan", own -> new CpuRecurrentPlan(this, engine, spec, mode, own));
    }

    /** The spec as {@code gf_recurrent_spec}: 44 words, floats by their bits. */
    static int[] words(RecurrentSpec spec, Mode mode) {
        CellOptions options = spec.options();
        IntBuffer words = IntBuffer.allocate(WORDS);
        words.put(spec.cell().code())
                .put(spec.steps())
                .put(spec.batch())
                .put(spec.inputSize())
                .put(spec.hiddenSize())
                .put(spec.layers())
                .put(spec.directions())
                .put(Float.floatToRawIntBits(spec.cellClip()))
                .put(Float.floatToRawIntBits(spec.dropout()))
                .put(spec.recomputeSegment())
                .put(spec.precision().code())
                .put(flag(mode == Mode.TRAINING))
                .put(flag(spec.direction() == Direction.REVERSE))
                .put(flag(options.peepholes()))
                .put(flag(options.coupled()))
                .put(flag(options.resetBefore()))
                .put(Float.floatToRawIntBits(options.gateClip()))
                .put(flag(!options.activations().isEmpty()));
        for (int d = 0; d < spec.directions() && !options.activations().isEmpty(); d++) {
            CellActivations own = spec.activations(d);
            put(words, own.gate());
            put(words, own.candidate());
            put(words, own.output());
        }
        CellNoise noise = options.noise();
        words.position(WORDS - 8)
                .put(Float.floatToRawIntBits(noise.zoneoutH()))
                .put(Float.floatToRawIntBits(noise.zoneoutC()))
                .put(Float.floatToRawIntBits(noise.candidateDropout()))
                .put(Float.floatToRawIntBits(noise.recurrentDropout()))
                .put(flag(noise.drawn()))
                .put(options.projection())
                .put(flag(options.skipInput()))
                .put(flag(options.layerNorm()));
        return words.array();
    }

    private static int flag(boolean set) {
        return set ? 1 : 0;
    }

    private static void put(IntBuffer words, GateActivation function) {
        words.put(function.kind().code())
                .put(Float.floatToRawIntBits(function.alpha()))
                .put(Float.floatToRawIntBits(function.beta()));
    }
}
