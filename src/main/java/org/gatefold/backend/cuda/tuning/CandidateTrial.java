package org.gatefold.backend.cuda.tuning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.device.Stopwatch;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.Family;
import org.gatefold.op.plan.Plan;
import org.gatefold.op.plan.PlannedOp;
import org.gatefold.op.verify.Oracle;
import org.gatefold.op.verify.Verification;
import org.gatefold.op.verify.Workbench;

/**
 * Tries implementations of one planned operation on the card: each for itself against the reference on the CPU, all
 * together against the clock. All memory is given back. One thread at a time.
 */
record CandidateTrial<O extends PlannedOp<S, P>, S, P extends Plan>(
        Device device, Family<O, S, P> family, S spec, Mode mode) {
    /** Passes before the first that counts: one submitted directly, one recorded, one replayed. */
    private static final int WARM_UPS = 3;

    private static final int ROUNDS = 9;

    /** The class of shapes that a decision is remembered by. */
    String shapes() {
        return family.name() + " " + family.shapes(spec, mode);
    }

    String qualified(O candidate) {
        return family.qualified(candidate);
    }

    /** Compares a candidate with the reference, up to the first comparison that fails. */
    Verification verify(O candidate) {
        try (Device reference = Devices.named("reference")) {
            Oracle<O> oracle = new Oracle<>(reference, family.contract());
            Verification verification = null;
            for (Family.Trial<O> trial : family.trials(candidate, spec, mode)) {
                verification =
                        Verification.of(device, candidate, trial.check(), oracle.results(trial.check()), trial.limit());
                if (!verification.passed()) {
                    break;
                }
            }
            return verification;
        }
    }

    /** The median time of a pass in milliseconds, by name; the candidates take turns on the same arguments. */
    Map<String, Double> times(List<O> candidates) {
        try (Scope scope = device.openScope("tuner");
                Stopwatch timer = device.openStopwatch()) {
            BiFunction<O, Scope, Runnable> pass = family.passes(spec, mode, new Workbench(scope));
            List<Runnable> passes = new ArrayList<>();
            for (O candidate : candidates) {
                Runnable made = pass.apply(candidate, scope);
                for (int i = 0; i < WARM_UPS; i++) {
                    made.run();
                }
                passes.add(made);
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
