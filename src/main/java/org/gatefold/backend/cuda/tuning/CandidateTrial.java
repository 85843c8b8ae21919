package org.gatefold.backend.cuda.tuning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaTimer;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentArguments;
import org.gatefold.op.recurrent.RecurrentCheck;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.verify.Oracle;
import org.gatefold.op.verify.Verification;
import org.gatefold.op.verify.Workbench;

/**
 * Tries implementations of one recurrent operation on the card: each for itself against the reference on the CPU, all
 * together against the clock. All memory is given back. One thread at a time.
 *
 * @param device the device of {@code context}
 */
record CandidateTrial(Device device, CudaContext context, RecurrentSpec spec, Mode mode) {
    /** Sizes of a verification; the reference is slow. */
    private static final int VERIFIED_STEPS = 7;

    private static final int VERIFIED_ROWS = 5;
    private static final int VERIFIED_STEPS_OF_LARGE_LAYERS = 2;
    private static final long LARGE_LAYERS = 20_000_000;

    /** Beyond this the time of a pass grows with the number of steps, for every implementation. */
    private static final int TIMED_STEPS = 256;

    /** Passes before the first that counts: one submitted directly, one recorded, one replayed. */
    private static final int WARM_UPS = 3;

    private static final int ROUNDS = 9;

    /**
     * Compares a candidate with the reference: of its own width, with few steps and few rows where it takes these; first on
     * rows of all lengths, one of them 0, then on full ones, which it may compute in another way. The second comparison is
     * left out if the first fails.
     */
    Verification verify(RecurrentOp candidate) {
        try (Device reference = Devices.named("reference")) {
            Oracle<RecurrentOp> oracle = new Oracle<>(reference, RecurrentOp.class);
            Verification ragged = verify(candidate, oracle, true);
            return ragged.passed() ? verify(candidate, oracle, false) : ragged;
        }
    }

    private Verification verify(RecurrentOp candidate, Oracle<RecurrentOp> oracle, boolean ragged) {
        RecurrentSpec reduced = reduced(candidate);
        // Masks of its own cannot be compared.
        RecurrentSpec comparable = candidate.reproducibleDropout() ? reduced : reduced.withDropout(0f);
        RecurrentCheck check = new RecurrentCheck(comparable, mode, ragged);
        return Verification.of(device, candidate, check, oracle.results(check), check.limit());
    }

    private RecurrentSpec reduced(RecurrentOp candidate) {
        int steps = Math.min(
                spec.steps(), spec.parameters() > LARGE_LAYERS ? VERIFIED_STEPS_OF_LARGE_LAYERS : VERIFIED_STEPS);
        return List.of(spec.withSize(steps, Math.min(spec.batch(), VERIFIED_ROWS)), spec.withSize(steps, spec.batch()))
                .stream()
                .filter(smaller -> candidate.unsupported(smaller, mode).isEmpty())
                .findFirst()
                .orElse(spec);
    }

    /** The median time of a pass in milliseconds, by name; the candidates take turns on the same arguments. */
    Map<String, Double> times(List<RecurrentOp> candidates) {
        try (Scope scope = device.openScope("tuner");
                CudaTimer timer = new CudaTimer(context)) {
            RecurrentArguments arguments = new RecurrentArguments(
                    new Workbench(scope), spec.withSize(Math.min(spec.steps(), TIMED_STEPS), spec.batch()), mode, null);
            List<Runnable> passes = new ArrayList<>();
            for (RecurrentOp candidate : candidates) {
                Runnable pass = arguments.pass(candidate, scope);
                for (int i = 0; i < WARM_UPS; i++) {
                    pass.run();
                }
                passes.add(pass);
            }
            double[][] times = new double[candidates.size()][ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < passes.size(); i++) {
                    timer.start();
                    passes.get(i).run();
                    times[i][round] = timer.stopMillis();
                }
            }
            Map<String, Double> medians = new LinkedHashMap<>();
            for (int i = 0; i < candidates.size(); i++) {
                Arrays.sort(times[i]);
                medians.put(candidates.get(i).name(), times[i][ROUNDS / 2]);
            }
            return medians;
        }
    }
}
