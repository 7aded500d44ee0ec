using System.Diagnostics;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Onnx;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>
/// Both engines against the best that each could be: the torch engine against its bare operators over the same weights, and our
/// export against a graph that torch.onnx exports from plain PyTorch.
/// </summary>
internal static class EngineBenchmark
{
    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        using var mobileOne = (MobileOne)Folded("mobileone_s0");
        yield return Torch(mobileOne, BareNetwork.Of(mobileOne), 224, options);
        using var fastVit = (FastVit)Folded("fastvit_t8");
        yield return Torch(fastVit, BareNetwork.Of(fastVit), 256, options);
        var folder = Directory.CreateTempSubdirectory("recipes-bench-");
        try
        {
            if (Peer(folder.FullName) is not { } version)
                yield break;
            yield return Onnx(mobileOne, 224, folder.FullName, version, options);
            yield return Onnx(fastVit, 256, folder.FullName, version, options);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static nn.Module<Tensor, Tensor> Folded(string name)
    {
        using var network = Zoo.Spec(name).Build();
        network.eval();
        Modules.Fold(network);
        return TorchEngine.Prepare(network);
    }

    private static Table Torch(nn.Module<Tensor, Tensor> network, BareNetwork bare, int pixels, BenchmarkOptions options)
    {
        using var _ = inference_mode();
        using var image = rand(1, 3, pixels, pixels);
        using (var expected = bare.Run(image))
        using (var actual = network.call(image))
        {
            if (!actual.allclose(expected, 1e-5, 1e-6))
                throw new RecipesException($"{network.GetName()}: the bare operators compute something else; mend {nameof(BareNetwork)}.");
        }
        return Table.Measure(
            $"{network.GetName()} folded, torch engine, {pixels} px, batch 1, {get_num_threads()} threads",
            5,
            5 * options.Rounds,
            new Arm("bare operators", () => Cost.Of(() => bare.Run(image).Dispose())),
            new Arm("network", () => Cost.Of(() => network.call(image).Dispose()))
        );
    }

    private static Table Onnx(nn.Module<Tensor, Tensor> network, int pixels, string folder, string version, BenchmarkOptions options)
    {
        using var image = rand(1, 3, pixels, pixels);
        var ours = Path.Combine(folder, "ours.onnx");
        network.Export(ours, new ExportOptions { Dynamic = ["batch"], Resolution = pixels });
        using var peer = OnnxSession.Open(Path.Combine(folder, $"{network.GetName()}.onnx"));
        using var own = OnnxSession.Open(ours);
        return Table.Measure(
            $"{network.GetName()} folded, ONNX Runtime, {pixels} px, batch 1, {get_num_threads()} threads",
            5,
            5 * options.Rounds,
            new Arm($"exported by torch.onnx {version}", () => Forward(peer, image)),
            new Arm("exported by Recipes", () => Forward(own, image))
        );
    }

    private static Cost Forward(OnnxSession session, Tensor image) =>
        Cost.Of(() =>
        {
            using var scope = NewDisposeScope();
            session.Run(image);
        });

    // PyTorch's version, or null with the reason on standard error.
    private static string? Peer(string folder)
    {
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "peers", "onnx_export.py"), folder])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (output.Split('\n').FirstOrDefault(l => l.StartsWith("ready ", StringComparison.Ordinal)) is { } line)
                return line["ready ".Length..];
            Console.Error.WriteLine(
                $"engines: no graph of PyTorch to compare with: {python} has no torch (Debian: apt install python3-torch)"
            );
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Console.Error.WriteLine($"engines: no graph of PyTorch to compare with: {python} does not start: {e.Message}");
        }
        return null;
    }
}
