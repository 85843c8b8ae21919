package org.gatefold.cli;

import org.gatefold.device.Build;
import picocli.CommandLine.IVersionProvider;

/** The version that {@code --version} prints; called by picocli. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "gatefold " + Build.version(),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }
}
