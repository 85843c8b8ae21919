package org.gatefold.doctor;

/**
 * What one check of one implementation found.
 *
 * @param operation the contract, for instance {@code "Recurrent"}
 * @param group what belongs together in a summary, for instance {@code "LSTM, F32"}
 * @param check what exactly was called
 * @param implementation its name
 * @param verdict what came of it
 * @param error the largest relative error of a result; NaN if none was computed
 * @param limit the error that is allowed
 * @param reason why it failed or was not run; empty if it passed
 * @param seconds how long the implementation took: its plans, its runs and the comparison, without the oracle
 */
public record Finding(
        String operation,
        String group,
        String check,
        String implementation,
        Verdict verdict,
        double error,
        double limit,
        String reason,
        double seconds) {
    /** What came of a check. */
    public enum Verdict {
        /** All results are right, and the same in every run. */
        PASS,
        /** A result is wrong, differs from run to run, or an error was thrown. */
        FAIL,
        /** Nothing could be run on the device any more. */
        NOT_RUN
    }
}
