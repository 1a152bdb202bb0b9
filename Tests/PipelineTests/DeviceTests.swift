// The device and precision that a configuration's names mean.

import Lineage
import Testing
import Torch

@testable import Pipeline

@Suite struct DeviceTests {
    @Test(arguments: [(nil, Device.cpu), ("cpu", .cpu), ("cuda", .cuda(0)), ("cuda:1", .cuda(1))])
    func theDeviceIsTheProcessorUnlessAnotherIsNamed(name: String?, device: Device) {
        var configuration = RunConfiguration()
        if let name { configuration.device = name }
        #expect(configuration.resolvedDevice == device)
        if device != .cpu { #expect(configuration.resolvedPrecision == .bfloat16) }
    }
}
