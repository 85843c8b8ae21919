package org.gatefold.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.device.Build;
import org.gatefold.device.Device;

/**
 * What is examined, and where.
 *
 * @param machine the computer and the program: name to value
 * @param device the device's name
 * @param description the device in words
 * @param properties hardware, drivers and libraries of the device: name to value
 */
public record Facts(Map<String, String> machine, String device, String description, Map<String, String> properties) {
    public Facts {
        machine = Collections.unmodifiableMap(new LinkedHashMap<>(machine));
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    static Facts of(Device device) {
        return new Facts(thisMachine(), device.name(), device.description(), device.properties());
    }

    /** True if the device is simulated by software, so that its time says nothing. */
    public boolean simulated() {
        return properties.containsKey(Device.SIMULATED);
    }

    private static Map<String, String> thisMachine() {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("Gatefold", Build.version());
        machine.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        machine.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        machine.put("processor", processor() + ", " + Runtime.getRuntime().availableProcessors() + " in use");
        return machine;
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
