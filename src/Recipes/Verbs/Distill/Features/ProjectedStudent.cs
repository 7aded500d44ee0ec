using Recipes.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>A student and the maps that are learned with it: one module for the optimizer and the checkpoints. It runs as the student.</summary>
internal sealed class ProjectedStudent : Module<Tensor, Tensor>
{
    [ComponentName(Name = "student")]
    private readonly Module<Tensor, Tensor> _student;

    [ComponentName(Name = "projections")]
    private readonly ModuleList<Linear> _projections;

    /// <summary>Maps of these widths, drawn from the seed as torch draws a linear layer.</summary>
    public ProjectedStudent(Module<Tensor, Tensor> student, IEnumerable<(long From, long To)> widths, long seed)
        : base(Modules.NameOf(student))
    {
        _student = student;
        _projections = new ModuleList<Linear>([
            .. widths.Select((w, i) => FreshWeights.Linear(w.From, w.To, bias: false, values => Draw(values, seed, i))),
        ]);
        RegisterComponents();
        var like = student.parameters().First();
        _projections.to(like.dtype).to(like.device);
        train(student.training);
    }

    public IReadOnlyList<Linear> Projections => [.. _projections];

    public override Tensor forward(Tensor images) => _student.call(images);

    // The student outlives it.
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            register_module("student", null!);
        base.Dispose(disposing);
    }

    private static void Draw(Tensor values, long seed, int index)
    {
        var stream = Rng.Stream(seed, "projection", index);
        var limit = 1 / Math.Sqrt(values.shape[1]);
        var drawn = Enumerable.Range(0, (int)values.numel()).Select(_ => (float)((2 * stream.NextDouble() - 1) * limit)).ToArray();
        using var fresh = tensor(drawn, values.shape);
        values.copy_(fresh);
    }
}
