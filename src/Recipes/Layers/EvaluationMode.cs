using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>While it lives, modules are in evaluation mode; afterwards every part has its own mode again.</summary>
internal sealed class EvaluationMode : IDisposable
{
    // Parents before their children, because setting a parent's mode sets its children's.
    private readonly List<(Module Part, bool Training)> _modes;

    public EvaluationMode(params IEnumerable<Module> modules)
    {
        var all = modules.ToList();
        _modes = [.. all.SelectMany(m => m.modules().Prepend(m)).Distinct().Select(m => (m, m.training))];
        all.ForEach(m => m.eval());
    }

    public void Dispose()
    {
        foreach (var (part, training) in _modes.Where(m => m.Part.training != m.Training))
            part.train(training);
    }
}
