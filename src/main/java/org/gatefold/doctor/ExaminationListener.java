package org.gatefold.doctor;

import java.util.List;

/** Hears how an examination goes on, in the thread that examines; what it throws ends the examination. */
public interface ExaminationListener {
    /** Hears nothing. */
    ExaminationListener NONE = new ExaminationListener() {};

    /** Called first. */
    default void started(Facts facts) {}

    /** Called before the checks of one group run on one implementation; {@link #checked} follows. */
    default void checking(String operation, String group, String implementation) {}

    /** Called with one finding for each of these checks, at least one. */
    default void checked(List<Finding> findings) {}

    /** Called before layers are timed, if they are. */
    default void benchmarking(int rows) {}

    /** Called for every layer that was timed. */
    default void timed(BenchmarkRow row) {}
}
