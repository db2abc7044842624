# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Streets of known measures, seen by a camera drawn here, against what the package finds in them.

The drawing is by casting rays with formulas of its own: the camera's axes from spherical angles,
the lens by bisection, boxes by slabs. It shares nothing with the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from enet_model.label_sets import Role
from enet_ros.camera_model import CameraCalibration
from enet_ros.camera_pose import pose_from_body
from enet_ros.free_space import View, look
from enet_ros.ground_obstacles import obstacle_points
from enet_ros.ground_plane import GroundPlane
from enet_ros.laser_scan import ScanBins, laser_scan
from enet_ros.occupancy_grid import Grid, occupancy_grid

SKY, ROAD, PAVEMENT, CAR, WALL, PERSON = range(6)
ROLES = (Role.BACKGROUND, Role.TRAVERSABLE, Role.TRAVERSABLE, *[Role.OBSTACLE] * 3)

# x from - to, y from - to, height [m], class
BOXES = np.array(
    [
        (6.0, 10.0, -4.2, -2.4, 1.5, CAR),
        (8.0, 8.5, 0.6, 1.1, 1.8, PERSON),
        (3.0, 14.0, 3.6, 4.0, 3.0, WALL),
        (5.0, 5.4, -0.9, -0.3, 0.3, CAR),
        (13.0, 14.0, -2.0, -0.6, 2.0, CAR),
        (14.5, 14.9, 0.0, 2.4, 2.0, WALL),
    ]
)


@dataclass(frozen=True)
class Camera:
    """A camera over the street; the picture has square pixels and its axis in the middle."""

    width: int = 640
    height: int = 360
    focal: float = 560.0
    x: float = 0.0
    y: float = 0.0
    z: float = 1.5
    roll: float = 0.0
    pitch: float = 6.0
    yaw: float = 0.0
    """Degrees, as roll and pitch."""
    model: str = 'plumb_bob'
    d: tuple[float, ...] = ()

    def plane(self, mask: tuple[int, int] | None = None) -> GroundPlane:
        calibration = CameraCalibration(
            self.width,
            self.height,
            (self.focal, 0, self.width / 2 - 0.5, 0, self.focal, self.height / 2 - 0.5, 0, 0, 1),
            self.d,
            self.model,
        )
        angles = np.radians([self.roll, self.pitch, self.yaw])
        pose = pose_from_body(self.x, self.y, self.z, *angles)
        return GroundPlane(calibration, pose, mask or (self.height, self.width))

    def rays(self, mask: tuple[int, int] | None = None) -> NDArray[np.float64]:
        """Directions in the base frame, rows x columns x 3."""
        rows, columns = mask or (self.height, self.width)
        right = ((np.arange(columns) + 0.5) / columns - 0.5) * self.width / self.focal
        down = ((np.arange(rows) + 0.5) / rows - 0.5) * self.height / self.focal
        right, down = np.meshgrid(right, down)
        angle = self._off_axis(np.hypot(right, down))
        turn = np.arctan2(down, right)
        pitch, yaw, roll = np.radians([self.pitch, self.yaw, self.roll])
        ahead = np.array([np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), -np.sin(pitch)])
        side = np.array([np.sin(yaw), -np.cos(yaw), 0.0])
        low = np.cross(ahead, side)
        side, low = (
            np.cos(roll) * side + np.sin(roll) * low,
            np.cos(roll) * low - np.sin(roll) * side,
        )
        across = np.cos(turn)[..., None] * side + np.sin(turn)[..., None] * low
        return np.sin(angle)[..., None] * across + np.cos(angle)[..., None] * ahead

    def _off_axis(self, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        """Invert the lens (radial terms only) by bisection: the angle off the axis."""
        if not self.d:
            return np.arctan(radius)
        low, high = np.zeros_like(radius), np.full_like(radius, 1.3)
        d = (*self.d, *[0.0] * 8)
        for _ in range(32):
            angle = (low + high) / 2
            if self.model == 'equidistant':
                terms = (d[0] * angle**2, d[1] * angle**4, d[2] * angle**6, d[3] * angle**8)
                seen = angle * (1 + sum(terms))
            else:
                s = np.tan(angle) ** 2
                seen = np.tan(angle) * (1 + d[0] * s + d[1] * s**2 + d[4] * s**3)
                seen /= 1 + d[5] * s + d[6] * s**2 + d[7] * s**3
            low, high = np.where(seen < radius, angle, low), np.where(seen < radius, high, angle)
        return (low + high) / 2

    def draw(
        self, boxes: NDArray[np.float64] = BOXES, mask: tuple[int, int] | None = None
    ) -> NDArray[np.uint8]:
        """Class ids of what each pixel's centre sees: sky, a checkered ground, boxes."""
        rays = self.rays(mask)
        with np.errstate(divide='ignore', invalid='ignore'):
            reach = np.where(rays[..., 2] < 0, -self.z / rays[..., 2], np.inf)
            labels = np.where(np.isfinite(reach), ROAD, SKY)
            x, y = self.x + reach * rays[..., 0], self.y + reach * rays[..., 1]
            checkered = (np.floor(x / 2) + np.floor(y / 2)) % 2 == 1
            labels[np.isfinite(reach) & checkered] = PAVEMENT
            for x0, x1, y0, y1, height, kind in boxes:
                near, far = np.zeros(reach.shape), np.full(reach.shape, np.inf)
                for axis, (low, high) in enumerate(((x0, x1), (y0, y1), (0.0, height))):
                    at = (self.x, self.y, self.z)[axis]
                    ends = (low - at) / rays[..., axis], (high - at) / rays[..., axis]
                    near = np.maximum(near, np.minimum(*ends))
                    far = np.minimum(far, np.maximum(*ends))
                hit = (near <= far) & (near < reach)
                reach[hit], labels[hit] = near[hit], kind
        return labels.astype(np.uint8)

    def truth(
        self, bearing: NDArray[np.floating], boxes: NDArray[np.float64] = BOXES
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Distance from below the camera to the first box, inf for none, and its class."""
        nearest, kind = np.full(bearing.shape, np.inf), np.full(bearing.shape, -1)
        with np.errstate(divide='ignore', invalid='ignore'):
            for x0, x1, y0, y1, _, box_class in boxes:
                xs = (np.array([[x0], [x1]]) - self.x) / np.cos(bearing)
                ys = (np.array([[y0], [y1]]) - self.y) / np.sin(bearing)
                near = np.maximum(xs.min(axis=0), ys.min(axis=0))
                far = np.minimum(xs.max(axis=0), ys.max(axis=0))
                hit = (near <= far) & (near > 0) & (near < nearest)
                nearest[hit], kind[hit] = near[hit], int(box_class)
        return nearest, kind


FISHEYE = {'focal': 420.0, 'model': 'equidistant', 'd': (0.02, -0.005, 0.0, 0.0)}
CAMERAS = {
    'level': Camera(pitch=0.0),
    'pitched': Camera(pitch=14.0),
    'rolled': Camera(roll=17.0),
    'turned': Camera(x=-0.8, y=0.7, yaw=-12.0, roll=-6.0),
    'high': Camera(z=2.6, pitch=11.0, focal=500.0),
    'plumb_bob': Camera(focal=430.0, d=(-0.24, 0.06, 0.0, 0.0, -0.006)),
    'rational': Camera(
        focal=430.0, model='rational_polynomial', d=(0.3, 0.05, 0, 0, 0.01, 0.5, 0.1, 0.01)
    ),
    'fisheye': Camera(**FISHEYE),  # type: ignore[arg-type]
    'rolled fisheye': Camera(roll=-14.0, **FISHEYE),  # type: ignore[arg-type]
}


@pytest.fixture(scope='module', params=CAMERAS)
def camera(request: pytest.FixtureRequest) -> Camera:
    return CAMERAS[request.param]


@lru_cache(maxsize=3)
def see(camera: Camera, mask: tuple[int, int] | None = None) -> View:
    return look(camera.plane(mask), camera.draw(mask=mask), None, ROLES)


@pytest.fixture(scope='module')
def view(camera: Camera) -> View:
    return see(camera)


def tolerance(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """One cell or 2 % of the distance."""
    return np.maximum(0.1, 0.02 * distance)


def around(camera: Camera, bearing: NDArray[np.floating], width: Any = 0.0) -> NDArray[np.float64]:
    """The truth at bearings and to both sides of them, a pixel and ``width`` away: 5 x N."""
    reach = 1.5 / camera.focal + width
    return np.stack([camera.truth(bearing + reach * part)[0] for part in np.linspace(-1, 1, 5)])


def base_in_view(
    camera: Camera, plane: GroundPlane, bearing: NDArray[np.floating], width: Any = 0.0
) -> NDArray[np.bool_]:
    """Whether the place where the first box stands is in the picture and in range.

    That is asked at a bearing and, as in :func:`around`, to both sides of it.
    """
    reach = 1.5 / camera.focal + width
    seen = np.ones(bearing.shape, bool)
    for at in (bearing - reach, bearing, bearing + reach):
        truth = np.minimum(camera.truth(at)[0], 99.0)
        place = np.stack([truth * np.cos(at) + camera.x, truth * np.sin(at) + camera.y], axis=-1)
        seen &= np.isfinite(plane.ground_to_pixel(place)[:, 0])
        seen &= np.hypot(*place.T) < plane.range_max - 0.3
    return seen


def test_obstacles_are_found_where_they_stand(camera: Camera, view: View) -> None:
    points = obstacle_points(view)
    offset = points['x'] - camera.x, points['y'] - camera.y
    found, bearing = np.hypot(*offset), np.arctan2(offset[1], offset[0]).astype(np.float64)
    truth = around(camera, bearing)
    error = np.maximum(np.min(truth, axis=0) - found, found - np.max(truth, axis=0))
    standing = base_in_view(camera, view.plane, bearing)
    assert standing.sum() > 300
    assert (error <= tolerance(found))[standing].all()
    # A box that stands below or beside the picture is found where it enters the picture.
    assert (truth.min(axis=0) <= found + tolerance(found)).all()
    # But for the few at the edges of boxes, where a pixel more is another box.
    inside = np.ptp(truth, axis=0) < tolerance(found)
    assert np.mean(inside) > 0.75
    assert (points['class_id'][inside] == camera.truth(bearing)[1][inside]).all()


def test_no_obstacle_is_missed(camera: Camera, view: View) -> None:
    bearing = np.arange(-1.2, 1.2, 0.003)
    truth = around(camera, bearing)
    with np.errstate(invalid='ignore'):
        clear = base_in_view(camera, view.plane, bearing) & (np.ptp(truth, axis=0) < 0.1)
    assert clear.sum() > 100
    points = obstacle_points(view)
    offset = points['x'] - camera.x, points['y'] - camera.y
    angle, found = np.arctan2(offset[1], offset[0]), np.hypot(*offset)
    for at, distance in zip(bearing[clear], truth[2][clear], strict=True):
        here = found[np.abs(angle - at) < 2 / camera.focal]
        assert np.abs(here - distance).min(initial=np.inf) <= tolerance(distance)


def behind(camera: Camera, points: NDArray[np.float64], shrunk: float) -> NDArray[np.bool_]:
    """Whether a box, smaller by ``shrunk`` on each side, stands between the camera and a point."""
    boxes = BOXES + np.array([shrunk, -shrunk, shrunk, -shrunk, 0, 0])
    offset = points - [camera.x, camera.y]
    nearest, _ = camera.truth(np.arctan2(offset[:, 1], offset[:, 0]), boxes)
    return nearest < np.hypot(*offset.T)


def centers(grid: Grid, base_in_grid: tuple[float, float, float]) -> NDArray[np.float64]:
    """Centres of all cells in the base frame: N x 2."""
    row, column = np.indices(grid.data.shape).reshape(2, -1)
    offset = np.stack([column, row], -1) * grid.resolution + grid.resolution / 2 + grid.origin
    x, y, yaw = base_in_grid
    turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
    return (offset - [x, y]) @ turn


@pytest.mark.parametrize('base_in_grid', [(0.0, 0.0, 0.0), (12.34, -7.71, 0.8)])
def test_the_grid_is_free_where_ground_is_seen(
    camera: Camera, view: View, base_in_grid: tuple[float, float, float]
) -> None:
    grid = occupancy_grid(view, size=32.0, base_in_grid=base_in_grid)
    place, value = centers(grid, base_in_grid), grid.data.reshape(-1)
    free = value == 0  # all is certain
    assert not behind(camera, place[free], shrunk=0.05).any()

    # Cells of which all that matters is well in view are free.
    distance = np.hypot(*(place - [camera.x, camera.y]).T)
    sight = np.hypot(*place.T) < view.plane.range_max - 0.3
    for shift in np.array([(-1, -1), (-1, 1), (1, -1), (1, 1)]) * 0.1:
        sight &= np.isfinite(view.plane.ground_to_pixel(place + shift)[:, 0])
    sight &= ~behind(camera, place * (1 + 0.6 / distance[:, None]), shrunk=-0.2)
    assert sight.sum() > 1500
    assert np.mean(free[sight]) > 0.999


def steady(camera: Camera, place: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether all bearings through a cell meet one face of a box: no edge, no gap."""
    offset = (place - [camera.x, camera.y]).T
    truth = around(camera, np.arctan2(offset[1], offset[0]), 0.08 / np.hypot(*offset))
    with np.errstate(invalid='ignore'):
        return np.ptp(truth, axis=0) < 0.5


def test_the_grid_is_occupied_at_the_boxes_and_nowhere_else(camera: Camera, view: View) -> None:
    grid = occupancy_grid(view, size=32.0)
    assert np.isin(grid.data, (-1, 0, 100)).all()
    place = centers(grid, (0, 0, 0))[grid.data.reshape(-1) == 100]
    offset = (place - [camera.x, camera.y]).T
    bearing, width = np.arctan2(offset[1], offset[0]), 0.08 / np.hypot(*offset)
    place = place[steady(camera, place) & base_in_view(camera, view.plane, bearing, width)]
    assert len(place) > 50
    x, y = place[:, :1], place[:, 1:]
    away = np.hypot(
        np.maximum(np.maximum(BOXES[:, 0] - x, x - BOXES[:, 1]), 0),
        np.maximum(np.maximum(BOXES[:, 2] - y, y - BOXES[:, 3]), 0),
    ).min(axis=1)
    half_diagonal = grid.resolution / np.sqrt(2)
    assert (away <= tolerance(np.hypot(*place.T)) + half_diagonal).all()


def test_the_scan_ends_at_the_boxes(camera: Camera, view: View) -> None:
    scan = laser_scan(view, ScanBins.of(view.plane))
    bearing = scan.angle_min + scan.angle_increment * np.arange(scan.ranges.size)
    within = np.linspace(-0.5, 0.5, 21)[:, None] * scan.angle_increment + bearing
    about_the_robot = replace(camera, x=0.0, y=0.0)
    truth = about_the_robot.truth(within.reshape(-1))[0].reshape(within.shape)
    free = np.isinf(scan.ranges)
    assert free.any()
    # A box that reaches into the bearing by less than a pixel is not seen.
    assert (truth[3:-3, free] > scan.range_max - 0.3).all()

    standing = base_in_view(about_the_robot, view.plane, bearing)
    with np.errstate(invalid='ignore'):
        face = np.isfinite(scan.ranges) & standing & (np.ptp(truth, axis=0) < 0.3)
    assert face.sum() > 15
    nearest = truth.min(axis=0)[face]
    assert (np.abs(scan.ranges[face] - nearest) <= tolerance(nearest)).all()


def assert_same(one: View, other: View, camera: Camera) -> None:
    """Where both see, both find the same, but for borders: they may be off as far as allowed."""
    grids = occupancy_grid(one, size=32.0), occupancy_grid(other, size=32.0)
    place = centers(grids[0], (0, 0, 0))
    distance = np.hypot(*place.T)
    seen = distance < min(one.plane.range_max, other.plane.range_max) - 0.5
    for plane in (one.plane, other.plane):
        for shift in np.array([(-1, -1), (-1, 1), (1, -1), (1, 1)]) * 0.3:
            seen &= np.isfinite(plane.ground_to_pixel(place + shift)[:, 0])
    allowed = tolerance(distance) + 0.1
    for a, b in (grids, grids[::-1]):
        for value, where, least in ((0, seen, 1000), (100, seen & steady(camera, place), 10)):
            here = where & (a.data == value).reshape(-1)
            assert here.sum() > least
            to_other = 0.1 * cv2.distanceTransform((b.data != value).astype(np.uint8), 2, 5)
            to_border = 0.1 * cv2.distanceTransform((a.data == value).astype(np.uint8), 2, 5)
            apart = np.minimum(to_other, to_border) if value == 0 else to_other
            assert (apart.reshape(-1) <= allowed)[here].all()


@pytest.mark.parametrize('roll', [-25.0, 10.0, 90.0])
def test_a_rolled_camera_gives_the_same_grid(roll: float) -> None:
    level = Camera(focal=420.0)
    assert_same(see(level), see(replace(level, roll=roll)), level)


@pytest.mark.parametrize('mask', [(180, 320), (360, 480), (256, 512)])
def test_a_resized_mask_gives_the_same_grid(mask: tuple[int, int]) -> None:
    assert_same(see(Camera()), see(Camera(), mask), Camera(focal=560.0 * mask[1] / 640))
