package org.gatefold.benchmarks.runner.heat;

import java.util.Optional;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;

/**
 * What contestants are compared in.
 *
 * @param shapeName by which the shape was asked for
 * @param precision of all on a device; empty on the host, where contestants of every precision take part
 */
public record Heat(String shapeName, LayerShape shape, Pass pass, Optional<Placement.Precision> precision) {
    /** Name of the shape, pass and precision. */
    public String title() {
        return shapeName + " " + pass.label()
                + precision.map(products -> " " + products).orElse("");
    }
}
