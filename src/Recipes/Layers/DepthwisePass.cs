using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>The passes of <see cref="DepthwiseTraining"/> over images <c>[B, H, W, C]</c>, one work item for each vector of channels.</summary>
internal sealed unsafe class DepthwisePass<T>(DepthwiseState state)
    where T : unmanaged, INumberBase<T>
{
    private const int Taps = PatchMoments.Taps;
    private static readonly int s_lanes = Vector<T>.Count;
    private readonly DepthwisePlan _plan = state.Plan;

    public void Forward(Tensor input, Tensor output)
    {
        var (x, y) = (new DepthwisePlanes<T>(input), new DepthwisePlanes<T>(output));
        EachVector(channel =>
        {
            Merge(x, channel);
            using var buffer = new Planes(_plan.Images * (_plan.Plane + _plan.Outputs.Length) + Taps + 1);
            T* planes = buffer.Take(_plan.Images * _plan.Plane),
                results = buffer.Take(_plan.Outputs.Length),
                taps = buffer.Take(Taps),
                bias = buffer.Take(1);
            for (var lane = 0; lane < Lanes(channel); lane++)
            {
                for (var i = 0; i < Taps; i++)
                    taps[(i * s_lanes) + lane] = T.CreateTruncating(state.Merged[((channel + lane) * Taps) + i]);
                bias[lane] = T.CreateTruncating(state.Bias[channel + lane]);
            }
            EachGroup(
                (first, images) =>
                {
                    x.Load(first, images, channel, planes, _plan.Plane, _plan.Pitch, DepthwisePlan.Margin);
                    var pixels = images * _plan.OutHeight * _plan.OutWidth;
                    DepthwiseKernels.Gather(
                        planes,
                        _plan.Centres.AsSpan(0, pixels),
                        _plan.TapOffsets,
                        taps,
                        bias,
                        add: false,
                        results,
                        _plan.Outputs
                    );
                    y.Save(first, images, channel, results, state.Set.Relu);
                }
            );
        });
    }

    public void Backward(Tensor input, Tensor output, Tensor gradient, Tensor? result, double[] dkernels, double[] dscales, double[] dshift)
    {
        var (x, y, g) = (new DepthwisePlanes<T>(input), new DepthwisePlanes<T>(output), new DepthwisePlanes<T>(gradient));
        var dx = result is null ? default : new DepthwisePlanes<T>(result);
        var (size, outSize) = (_plan.Height * _plan.Width, _plan.OutHeight * _plan.OutWidth);
        EachVector(channel =>
        {
            var perClass = DepthwisePlan.AllLags.Length + Taps + 1;
            using var buffer = new Planes((_plan.Images * (_plan.Plane + outSize + size)) + Taps + 1 + (_plan.Classes.Count * perClass));
            T* planes = buffer.Take(_plan.Images * _plan.Plane),
                gradients = buffer.Take(_plan.Images * outSize),
                results = buffer.Take(_plan.Images * size),
                sums = buffer.Take(Taps + 1),
                coefficients = buffer.Take(_plan.Classes.Count * perClass);
            var totals = new double[(Taps + 1) * s_lanes];
            EachGroup(
                (first, images) =>
                {
                    LoadBoth(first, images);
                    var at = _plan.Outputs.AsSpan(0, images * outSize);
                    new Span<T>(sums, (Taps + 1) * s_lanes).Clear();
                    DepthwiseKernels.Correlate(gradients, at, planes, _plan.Centres.AsSpan(0, at.Length), _plan.TapOffsets, sums);
                    DepthwiseKernels.Sum(gradients, at, sums + (Taps * s_lanes));
                    for (var i = 0; i < totals.Length; i++)
                        totals[i] += double.CreateTruncating(sums[i]);
                }
            );
            Differentiate(channel, totals, coefficients, perClass, dkernels, dscales, dshift);
            if (result is null)
                return;
            EachGroup(
                (first, images) =>
                {
                    LoadBoth(first, images);
                    for (var k = 0; k < _plan.Classes.Count; k++)
                    {
                        var pixels = _plan.Classes[k];
                        var own = coefficients + (k * perClass * s_lanes);
                        var n = images * pixels.PixelsPerImage;
                        var start = own + ((perClass - 1) * s_lanes);
                        var taps = own + (DepthwisePlan.AllLags.Length * s_lanes);
                        DepthwiseKernels.Gather(
                            planes,
                            pixels.Inputs.AsSpan(0, n),
                            _plan.AllOffsets,
                            own,
                            start,
                            add: false,
                            results,
                            pixels.Results
                        );
                        DepthwiseKernels.Gather(
                            gradients,
                            pixels.Bases.AsSpan(0, n),
                            pixels.TapOffsets,
                            taps,
                            start,
                            add: true,
                            results,
                            pixels.Results
                        );
                    }
                    dx.Save(first, images, channel, results, relu: false);
                }
            );

            void LoadBoth(int first, int images)
            {
                x.Load(first, images, channel, planes, _plan.Plane, _plan.Pitch, DepthwisePlan.Margin);
                if (state.Set.Relu)
                    g.LoadGated(y, first, images, channel, gradients);
                else
                    g.Load(first, images, channel, gradients, outSize, _plan.OutWidth, margin: 0);
            }
        });
    }

    // The lag products of every class of pixels, in float64, and from them the merged kernel of each channel.
    private void Merge(DepthwisePlanes<T> x, int channel)
    {
        var wide = Vector<double>.Count;
        var (lags, halves) = (DepthwisePlan.HalfLags.Length, s_lanes / wide);
        var perClass = lags + 1;
        var all = _plan.Images * _plan.Plane;
        var perHalf = _plan.Classes.Count * perClass;
        using var buffer = new DepthwisePass<double>.Planes(halves * (all + perHalf));
        double* planes = buffer.Take(halves * all),
            sums = buffer.Take(halves * perHalf);
        EachGroup(
            (first, images) =>
            {
                x.LoadWide(first, images, channel, planes, _plan.Plane, _plan.Pitch, DepthwisePlan.Margin, all);
                for (var half = 0; half < halves; half++)
                {
                    var own = planes + (half * all * wide);
                    for (var k = 0; k < _plan.Classes.Count; k++)
                    {
                        var at = _plan.Classes[k].Inputs.AsSpan(0, images * _plan.Classes[k].PixelsPerImage);
                        var to = sums + (((half * perHalf) + (k * perClass)) * wide);
                        DepthwiseKernels.Correlate(own, at, own, at, _plan.HalfOffsets, to);
                        DepthwiseKernels.Sum(own, at, to + (lags * wide));
                    }
                }
            }
        );
        Span<double> one = stackalloc double[perHalf];
        for (var lane = 0; lane < Lanes(channel); lane++)
        {
            for (var i = 0; i < perHalf; i++)
                one[i] = sums[((((lane / wide) * perHalf) + i) * wide) + (lane % wide)];
            state.Merge(channel + lane, one);
        }
    }

    // The gradients of the parameters, and for each class of pixels 25 lag coefficients, the taps and the constant.
    private void Differentiate(
        int channel,
        double[] totals,
        T* coefficients,
        int perClass,
        double[] dkernels,
        double[] dscales,
        double[] dshift
    )
    {
        Span<double> total = stackalloc double[Taps],
            s = stackalloc double[Taps * Taps],
            t = stackalloc double[Taps],
            lags = stackalloc double[DepthwisePlan.AllLags.Length];
        for (var lane = 0; lane < Lanes(channel); lane++)
        {
            for (var i = 0; i < Taps; i++)
                total[i] = totals[(i * s_lanes) + lane];
            var shift = dshift[channel + lane] = totals[(Taps * s_lanes) + lane];
            state.Differentiate(channel + lane, total, shift, dkernels, dscales, s, t);
            for (var k = 0; k < _plan.Classes.Count; k++)
            {
                var taps = _plan.Classes[k].Taps;
                var own = coefficients + (k * perClass * s_lanes) + lane;
                lags.Clear();
                foreach (var (lag, pair) in _plan.Classes[k].Pairs)
                    lags[lag] += s[pair];
                for (var d = 0; d < lags.Length; d++)
                    own[d * s_lanes] = T.CreateTruncating(lags[d]);
                var constant = 0.0;
                for (var n = 0; n < taps.Length; n++)
                {
                    own[(DepthwisePlan.AllLags.Length + n) * s_lanes] = T.CreateTruncating(
                        state.Merged[((channel + lane) * Taps) + taps[n]]
                    );
                    constant += t[taps[n]];
                }
                own[(perClass - 1) * s_lanes] = T.CreateTruncating(constant);
            }
        }
    }

    private int Lanes(int channel) => Math.Min(s_lanes, state.Channels - channel);

    private void EachVector(Action<int> work)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() };
        Parallel.For(0, (state.Channels + s_lanes - 1) / s_lanes, options, v => work(v * s_lanes));
    }

    private void EachGroup(Action<int, int> work)
    {
        for (var first = 0; first < state.Batch; first += _plan.Images)
            work(first, Math.Min(_plan.Images, state.Batch - first));
    }

    /// <summary>Aligned, zeroed memory for a number of vectors, handed out from the front.</summary>
    internal sealed class Planes(int vectors) : IDisposable
    {
        private readonly T* _memory = Allocate(vectors);
        private int _taken;

        public T* Take(int count)
        {
            var from = _memory + (_taken * s_lanes);
            _taken += count;
            return from;
        }

        public void Dispose() => NativeMemory.AlignedFree(_memory);

        private static T* Allocate(int vectors)
        {
            var bytes = (nuint)vectors * (nuint)(s_lanes * sizeof(T));
            var memory = (T*)NativeMemory.AlignedAlloc(bytes, 64);
            NativeMemory.Clear(memory, bytes);
            return memory;
        }
    }
}
