using System.Runtime.InteropServices;
using Recipes.Onnx;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

// A case that can be run.
internal sealed class BenchTask : IDisposable
{
    private readonly IReadOnlyList<Tensor> _inputs;
    private readonly Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> _compute;

    private BenchTask(
        BenchCase one,
        int? resolution,
        IReadOnlyList<Tensor> inputs,
        Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> compute
    ) => (Case, Resolution, _inputs, _compute) = (one, resolution, inputs, compute);

    public BenchCase Case { get; }

    /// <summary>Pixels a side as asked for; null for the paper's.</summary>
    public int? Resolution { get; }

    public static BenchTask Torch(BenchCase one, int? resolution, OnnxPart part, BenchSizes sizes, Precision precision) =>
        new(one, resolution, sizes.Inputs(part), precision == Precision.Bf16 ? x => Wide(part.Run(Narrow(x))) : part.Run);

    public static BenchTask Onnx(BenchCase one, int? resolution, OnnxPart part, BenchSizes sizes, OnnxSession session) =>
        new(one, resolution, sizes.Inputs(part), x => session.Run([.. x]));

    /// <summary>Runs once, to be timed.</summary>
    public void Run()
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        if (_compute(_inputs)[0].device_type == DeviceType.CUDA)
            cuda.synchronize();
    }

    /// <summary>Runs once, for its outputs in the caller's scope.</summary>
    /// <exception cref="RecipesException">The model takes no such input.</exception>
    public IReadOnlyList<Tensor> Outputs()
    {
        try
        {
            return _compute(_inputs);
        }
        catch (Exception e) when (e is ExternalException or ArgumentException or InvalidOperationException)
        {
            throw new RecipesException($"{Case.Task}: the model takes no such input: {e.Message.Split('\n')[0]}", e);
        }
    }

    public void Dispose()
    {
        foreach (var input in _inputs)
            input.Dispose();
    }

    private static IReadOnlyList<Tensor> Narrow(IReadOnlyList<Tensor> tensors) =>
        [.. tensors.Select(t => t.is_floating_point() ? t.to(ScalarType.BFloat16) : t)];

    private static IReadOnlyList<Tensor> Wide(IReadOnlyList<Tensor> tensors) => [.. tensors.Select(t => t.to(ScalarType.Float32))];
}
