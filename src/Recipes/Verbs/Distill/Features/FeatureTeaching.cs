using Recipes.Layers;
using Recipes.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>Compares what parts of a student and of live teachers put out; owns the taps and the learned maps.</summary>
internal sealed class FeatureTeaching : IDisposable
{
    private readonly Module<Tensor, Tensor> _student;
    private readonly IReadOnlyList<Module<Tensor, Tensor>> _teachers;
    private readonly FeatureTaps _studentTaps;
    private readonly FeatureTaps[] _teacherTaps;
    private readonly IReadOnlyList<(FeatureTargets Target, int Teacher, Linear? Map)> _pairs;
    private readonly ProjectedStudent? _projected;

    /// <summary>Taps the networks, and asks them for an image to see their shapes.</summary>
    /// <exception cref="RecipesException">Paths are unknown, or features do not fit; all problems together.</exception>
    public FeatureTeaching(
        Module<Tensor, Tensor> student,
        IReadOnlyList<Module<Tensor, Tensor>> teachers,
        IReadOnlyList<FeatureTargets> targets,
        IBatchSource set,
        long seed
    )
    {
        (_student, _teachers) = (student, teachers);
        _studentTaps = new FeatureTaps(student, targets.Select(t => t.Student));
        _teacherTaps = [.. teachers.Select(t => new FeatureTaps(t, targets.Select(f => f.Teacher)))];
        var pairs = targets.SelectMany(t => Numbers(t, teachers.Count).Select(k => (Target: t, Teacher: k))).ToList();
        var widths = Fit(pairs, set);
        Name = "; features " + string.Join("; ", targets.Select(t => t.Identity));
        var mapped = pairs.Select((p, i) => p.Target.Project && widths[i].Student != widths[i].Teacher).ToList();
        if (mapped.Contains(true))
            _projected = new ProjectedStudent(student, widths.Where((_, i) => mapped[i]), seed);
        _pairs =
        [
            .. pairs.Select((p, i) => (p.Target, p.Teacher, mapped[i] ? _projected!.Projections[mapped.Take(i).Count(m => m)] : null)),
        ];
    }

    /// <summary>Which features; part of a checkpoint's identity.</summary>
    public string Name { get; }

    /// <summary>What is trained: the student, with the maps where there are any.</summary>
    public Module<Tensor, Tensor> Trained => (Module<Tensor, Tensor>?)_projected ?? _student;

    /// <summary>Keeps features until the result is disposed.</summary>
    public IDisposable Listen() => new Listening([_studentTaps, .. _teacherTaps]);

    /// <summary>The weighted losses of what the networks put out last, a scalar.</summary>
    public Tensor Loss()
    {
        using var scope = NewDisposeScope();
        var losses = _pairs.Select(p =>
        {
            var (found, wanted) = Features(p);
            return p.Target.Weight / Numbers(p.Target, _teachers.Count).Count() * p.Target.Apart(found, wanted);
        });
        return losses.Aggregate((a, b) => a + b).MoveToOuterDisposeScope();
    }

    /// <summary>Cosine and distance of each pair on a set, in evaluation mode.</summary>
    public IReadOnlyList<FeatureMeasure> Measure(IBatchSource set, CancellationToken cancellation)
    {
        using var _ = no_grad();
        using var evaluating = new EvaluationMode([Trained, .. _teachers]);
        var (sums, count) = (new FeatureMeasure[_pairs.Count], 0L);
        foreach (var batch in set.Epoch(new EpochRequest(0)))
        {
            using var owned = batch;
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var listening = Listen();
            Run(batch.Inputs);
            for (var i = 0; i < sums.Length; i++)
            {
                var (found, wanted) = Features(_pairs[i]);
                var (cosine, apart) = (FeatureTargets.Cosine(found.Wide(), wanted.Wide()), _pairs[i].Target.Apart(found, wanted));
                sums[i] = new FeatureMeasure(sums[i].Cosine + batch.Count * Number(cosine), sums[i].Distance + batch.Count * Number(apart));
            }
            count += batch.Count;
        }
        return Array.ConvertAll(sums, s => new FeatureMeasure(s.Cosine / count, s.Distance / count));

        static double Number(Tensor scalar) => scalar.to(ScalarType.Float64).item<double>();
    }

    /// <summary>The pairs with their similarities, for the evidence.</summary>
    public IReadOnlyList<FeatureSimilarity> Evidence(
        IReadOnlyList<string> teachers,
        IReadOnlyList<FeatureMeasure> before,
        IReadOnlyList<FeatureMeasure> after
    ) => [.. _pairs.Select((p, i) => new FeatureSimilarity(teachers[p.Teacher], p.Target.Student, p.Target.Teacher, before[i], after[i]))];

    public void Dispose()
    {
        _studentTaps.Dispose();
        foreach (var taps in _teacherTaps)
            taps.Dispose();
        _projected?.Dispose();
    }

    private static IEnumerable<int> Numbers(FeatureTargets target, int teachers) =>
        target.Of is { } number ? [number - 1] : Enumerable.Range(0, teachers);

    // Width last, both of the teacher's width: [B, N, D].
    private (Tensor Student, Tensor Teacher) Features((FeatureTargets Target, int Teacher, Linear? Map) pair)
    {
        var found = FeatureTargets.Places(_studentTaps[pair.Target.Student]!);
        var wanted = FeatureTargets.Places(_teacherTaps[pair.Teacher][pair.Target.Teacher]!);
        return (pair.Map is { } map ? map.call(found.to(map.weight.dtype)) : found, wanted.to(found.device));
    }

    private void Run(Tensor images)
    {
        foreach (var network in _teachers.Prepend(_student))
            network.call(Layout.Prepare(images, network.parameters().First(), channelsLast: false));
    }

    private List<(long Student, long Teacher)> Fit(IReadOnlyList<(FeatureTargets Target, int Teacher)> pairs, IBatchSource set)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var evaluating = new EvaluationMode([_student, .. _teachers]);
        var wrong = pairs.Where(p => p.Teacher < 0 || p.Teacher >= _teachers.Count).Select(p => p.Target).Distinct().ToList();
        var numbered = wrong.Select(t => $"features {t}: expected a teacher from 1 to {_teachers.Count}").ToList();
        var known = pairs.Where(p => !wrong.Contains(p.Target)).ToList();
        using var batch = set.Epoch(new EpochRequest(0)).First();
        using var listening = Listen();
        Run(batch.Inputs.narrow(0, 0, 1));
        var widths = known
            .Select(p => (p, Student: _studentTaps[p.Target.Student], Teacher: _teacherTaps[p.Teacher][p.Target.Teacher]))
            .ToList();
        var problems = numbered
            .Concat(known.SelectMany(p => Missing("student", _student, p.Target.Student, _studentTaps)).Distinct())
            .Concat(
                known
                    .SelectMany(p => Missing($"teacher {p.Teacher + 1}", _teachers[p.Teacher], p.Target.Teacher, _teacherTaps[p.Teacher]))
                    .Distinct()
            )
            .Concat(
                widths
                    .Where(w => w.Student is not null && w.Teacher is not null)
                    .SelectMany(w => FeatureShapes.Misfits(w.p.Target, w.Student!, w.Teacher!))
            );
        var all = problems.ToList();
        if (all.Count > 0)
            Dispose();
        RecipesException.ThrowIfAny($"the features of {_student.GetName()} and its teachers do not fit:", all);
        return [.. widths.Select(w => (FeatureShapes.Width(w.Student!), FeatureShapes.Width(w.Teacher!)))];
    }

    private static IEnumerable<string> Missing(string role, Module<Tensor, Tensor> network, string path, FeatureTaps taps)
    {
        var parts = FeatureTaps.Parts(network);
        if (!parts.TryGetValue(path, out var part))
            yield return $"{role} {network.GetName()}: has no part {path}{Nearest.Hint(path, parts.Keys)}";
        else if (part is not Module<Tensor, Tensor>)
            yield return $"{role} {network.GetName()}: {path} is a {part.GetType().Name}, which does not give one tensor for one tensor";
        else if (taps[path] is null)
            yield return $"{role} {network.GetName()}: {path} does not run as a part of its own; take a part around it";
    }

    private sealed class Listening : IDisposable
    {
        private readonly IReadOnlyList<FeatureTaps> _taps;

        public Listening(IReadOnlyList<FeatureTaps> taps)
        {
            _taps = taps;
            foreach (var tap in taps)
                tap.Listen();
        }

        public void Dispose()
        {
            foreach (var tap in _taps)
                tap.Stop();
        }
    }
}
