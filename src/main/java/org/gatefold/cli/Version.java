package org.gatefold.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of the jar; called by picocli. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {
            "gatefold " + (version == null ? "(from classes)" : version),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }
}
