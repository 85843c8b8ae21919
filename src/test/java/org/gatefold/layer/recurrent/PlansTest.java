package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.Plans;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlansTest {
    private final Device device = Devices.named("reference");
    private final Scope scope = device.openScope("model");
    private final Lstm lstm = Lstm.of(3);
    private final ParameterStore store = new ParameterStore();

    PlansTest() {
        lstm.build(store, "lstm", Form.sequences(2));
        store.allocate(scope, 1);
    }

    @AfterEach
    void close() {
        scope.close();
        assertThat(device.bytesInUse()).isZero();
        device.close();
    }

    private RecurrentPlan plan(Plans plans, int steps) {
        Recurrent core = lstm.core();
        return plan(plans, core, core.spec(steps, 1, false), Mode.INFERENCE);
    }

    private static RecurrentPlan plan(Plans plans, Recurrent core, RecurrentSpec spec, Mode mode) {
        return plans.plan(
                core, RecurrentOp.FAMILY, spec, mode, core.weightsVersion(), made -> made.setWeights(core.weights()));
    }

    @Test
    void aPlanIsKeptBySizeModeAndLayer() {
        try (Plans plans = new Plans(scope, 8, Long.MAX_VALUE)) {
            RecurrentPlan plan = plan(plans, 4);
            assertThat(plan(plans, 4)).isSameAs(plan);
            assertThat(plan(plans, 5)).isNotSameAs(plan);
            RecurrentSpec spec = plan.spec();
            assertThat(plan(plans, lstm.core(), spec, Mode.TRAINING)).isNotSameAs(plan);
            Lstm other = Lstm.of(3);
            ParameterStore otherStore = new ParameterStore();
            other.build(otherStore, "other", Form.sequences(2));
            otherStore.allocate(scope, 1);
            assertThat(plan(plans, other.core(), spec, Mode.INFERENCE)).isNotSameAs(plan);
            assertThat(plans.size()).isEqualTo(4);
        }
    }

    @Test
    void theLeastRecentlyUsedGoAboveTheBoundButNeverThoseOfTheLastStep() {
        try (Plans plans = new Plans(scope, 2, Long.MAX_VALUE)) {
            RecurrentPlan one = plan(plans, 1);
            RecurrentPlan two = plan(plans, 2);
            plans.trim();
            plan(plans, 1);
            plan(plans, 3);
            plans.trim();
            assertThat(plans.size()).isEqualTo(2);
            assertThat(plan(plans, 1)).isSameAs(one);
            assertThatThrownBy(() -> two.setWeights(lstm.core().weights())).hasMessage("plan: is closed");

            plan(plans, 4);
            plan(plans, 5);
            plans.trim();
            assertThat(plans.size()).isEqualTo(3);
            assertThat(plan(plans, 1)).isSameAs(one);
        }
    }

    @Test
    void bytesAreBounded() {
        try (Plans plans = new Plans(scope, 100, 1)) {
            RecurrentPlan one = plan(plans, 1);
            plans.trim();
            assertThat(plan(plans, 1)).isSameAs(one);
            plan(plans, 2);
            plans.trim();
            plan(plans, 2);
            plans.trim();
            assertThat(plans.size()).isEqualTo(1);
        }
    }
}
