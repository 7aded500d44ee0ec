using System.Runtime.InteropServices;
using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// What the parts of a network did in one forward pass: multiply-accumulates and output shapes.
internal sealed class ModelRun
{
    private readonly Dictionary<Module, long> _macs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Module, long[]> _outputs = new(ReferenceEqualityComparer.Instance);

    private ModelRun() { }

    /// <summary>Runs a network in evaluation mode on one random sample of this shape; its mode is restored.</summary>
    /// <exception cref="RecipesException">The network takes no such input.</exception>
    public static ModelRun Of(Module<Tensor, Tensor> network, long[] input)
    {
        var any = network.parameters().FirstOrDefault();
        try
        {
            return Of(network, () => network.call(rand([1, .. input], any?.dtype ?? ScalarType.Float32, any?.device)));
        }
        catch (Exception e) when (e is ExternalException or ArgumentException or InvalidOperationException)
        {
            throw new RecipesException(
                $"{network.GetName()} does not run on an input of [1, {string.Join(", ", input)}]: {e.Message.Split('\n')[0]} Give the shape of one sample, without the batch.",
                e
            );
        }
    }

    /// <summary>Notes what the parts of a module do while something runs, in evaluation mode.</summary>
    public static ModelRun Of(Module network, Action action)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var run = new ModelRun();
        var hooks = new List<Action>();
        var modes = network.modules().Prepend(network).Distinct().Select(m => (m, m.training)).ToList();
        foreach (var part in modes.Select(m => m.m).OfType<Module<Tensor, Tensor>>())
            hooks.Add(part.register_forward_hook((m, x, y) => run.Note(m, x, y)).remove);
        foreach (var layer in modes.Select(m => m.m).OfType<Module<Tensor, DecoderPass, Tensor>>())
            hooks.Add(layer.register_forward_hook((m, x, _, y) => run.Note(m, x, y)).remove);
        try
        {
            network.eval();
            action();
            return run;
        }
        finally
        {
            hooks.ForEach(remove => remove());
            foreach (var (module, training) in modes)
                module.train(training);
        }
    }

    /// <summary>Of this layer alone, over all its calls.</summary>
    public long Macs(Module module) => _macs.GetValueOrDefault(module);

    /// <summary>Of the last call, batch left out; null when it was not called.</summary>
    public long[]? Output(Module module) => _outputs.GetValueOrDefault(module);

    private Tensor Note(Module module, Tensor input, Tensor output)
    {
        _macs[module] = Macs(module) + LayerMacs.Of(module, input, output);
        _outputs[module] = output.shape[Math.Min(1, output.shape.Length)..];
        return output;
    }
}
