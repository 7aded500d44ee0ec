using System.Diagnostics;

namespace Recipes.Benchmarks;

/// <summary>
/// MobileOne-S0 in plain PyTorch (<c>peers/mobileone_s0.py</c>) in a process of its own, stepped on request: one training step, <c>contiguous</c> or
/// <c>channels_last</c>.
/// </summary>
internal sealed class PyTorchPeer : PythonPeer
{
    private PyTorchPeer(Process process, string version)
        : base(process, version) { }

    /// <summary>Starts the peer, or says why there is none.</summary>
    public static PyTorchPeer? Start(int pixels, int batch, int threads, out string why) =>
        Start(
            "mobileone_s0.py",
            [$"{pixels}", $"{batch}", $"{threads}"],
            ("torch", "python3-torch"),
            (process, version) => new PyTorchPeer(process, version),
            out why
        );
}
